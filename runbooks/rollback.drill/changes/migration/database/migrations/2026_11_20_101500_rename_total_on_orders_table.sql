ALTER TABLE orders RENAME COLUMN total TO amount;
-- down
ALTER TABLE orders RENAME COLUMN amount TO total;
