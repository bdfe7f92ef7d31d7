SELECT count(*) AS orders, coalesce(sum(total), 0) AS turnover FROM orders
