/// What wants to stand somewhere, and how much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) at: f64,
    pub(super) weight: f64,
}

/// Where things in a row stand so that each is at least its offset right of the first, and the squares of how far they are from where they
/// wish to be add up to the least. What would overlap is moved as one, to the middle of its wishes.
pub(super) fn spread(wishes: &[Wish], offsets: &[f64]) -> Vec<f64> {
    struct Block {
        sum: f64,
        weight: f64,
        length: usize,
    }
    let mut blocks: Vec<Block> = Vec::with_capacity(wishes.len());
    for (wish, offset) in wishes.iter().zip(offsets) {
        let mut block = Block {
            sum: (wish.at - offset) * wish.weight,
            weight: wish.weight,
            length: 1,
        };
        while let Some(last) = blocks.pop_if(|last| last.sum / last.weight > block.sum / block.weight) {
            block.sum += last.sum;
            block.weight += last.weight;
            block.length += last.length;
        }
        blocks.push(block);
    }
    let starts = blocks
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.sum / block.weight, block.length));
    starts
        .zip(offsets)
        .map(|(start, offset)| start + offset)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread_out(wishes: &[f64]) -> Vec<f64> {
        let offsets: Vec<f64> = (0..wishes.len()).map(|place| place as f64 * 10.0).collect();
        let wishes: Vec<Wish> = wishes.iter().map(|at| Wish { at: *at, weight: 1.0 }).collect();
        spread(&wishes, &offsets)
    }

    #[test]
    fn who_has_room_stands_where_it_wishes() {
        assert_eq!(spread_out(&[0.0, 20.0, 35.0]), [0.0, 20.0, 35.0]);
    }

    #[test]
    fn who_has_none_shares_what_there_is() {
        assert_eq!(spread_out(&[20.0, 20.0]), [15.0, 25.0]);
        assert_eq!(spread_out(&[40.0, 0.0, 20.0]), [10.0, 20.0, 30.0]);
    }
}
