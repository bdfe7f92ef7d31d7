use std::ops::Range;

use super::{AT_MOST, Link, Size, TooLarge};

/// What stands in a layer: a box, or the place where a link crosses it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) layer: usize,
    pub(super) size: Size,
    pub(super) is_box: bool,
}

/// Boxes and links in layers. Boxes stand in the even ones; each link crosses at least one, where its label stands.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    /// The boxes by their numbers, then the crossings.
    pub(super) parts: Vec<Part>,
    /// The parts of each layer, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// Which place each part has in its layer, from 0; known once the layers are in order.
    pub(super) places: Vec<usize>,
    /// The neighbours of each part in the layer above, and how strongly they pull.
    pub(super) above: Vec<Vec<(usize, f64)>>,
    /// The same in the layer below.
    pub(super) below: Vec<Vec<(usize, f64)>>,
    /// The crossings of each link, from top to bottom.
    pub(super) chains: Vec<Range<usize>>,
}

impl Layers {
    /// Puts boxes in layers, each below all that lead to it.
    pub(super) fn of(sizes: &[Size], links: &[Link]) -> Result<Self, TooLarge> {
        let ranks = ranks(sizes.len(), links);
        let crossings = |link: &Link| 2 * (ranks[link.to] - ranks[link.from]) - 1;
        let crossed: usize = links.iter().map(crossings).sum();
        if crossed > AT_MOST {
            return Err(TooLarge { crossed });
        }
        let mut layers = Self {
            parts: sizes
                .iter()
                .zip(&ranks)
                .map(|(size, rank)| Part {
                    layer: 2 * rank,
                    size: *size,
                    is_box: true,
                })
                .collect(),
            rows: Vec::new(),
            places: Vec::new(),
            above: Vec::new(),
            below: Vec::new(),
            chains: Vec::with_capacity(links.len()),
        };
        for link in links {
            let start = layers.parts.len();
            let first = 2 * ranks[link.from] + 1;
            for layer in first..first + crossings(link) {
                // A label stands where the link begins, beside the others that begin there.
                let label = link.label.filter(|_| layer == first);
                layers.parts.push(Part {
                    layer,
                    size: label.unwrap_or(Size {
                        width: 2.0,
                        height: 0.0,
                    }),
                    is_box: false,
                });
            }
            layers.chains.push(start..layers.parts.len());
        }
        layers.above = vec![Vec::new(); layers.parts.len()];
        layers.below = layers.above.clone();
        for (number, link) in links.iter().enumerate() {
            let chain = layers.chains[number].clone();
            let mut upper = link.from;
            for lower in chain.chain([link.to]) {
                let crossings = [upper, lower]
                    .iter()
                    .filter(|part| !layers.parts[**part].is_box)
                    .count();
                // A long link is straight first of all.
                let pull = link.weight * [1.0, 2.0, 8.0][crossings];
                layers.below[upper].push((lower, pull));
                layers.above[lower].push((upper, pull));
                upper = lower;
            }
        }
        layers.rows = layers.first_rows();
        Ok(layers)
    }

    /// The parts of each layer as they are met when every way is followed to its end, so that what belongs together begins together.
    fn first_rows(&self) -> Vec<Vec<usize>> {
        let count = self.parts.iter().map(|part| part.layer + 1).max().unwrap_or(0);
        let mut rows = vec![Vec::new(); count];
        let mut met = vec![false; self.parts.len()];
        let tops = (0..self.parts.len()).filter(|part| self.above[*part].is_empty());
        let mut stack: Vec<usize> = tops.collect();
        stack.reverse();
        while let Some(part) = stack.pop() {
            if !std::mem::replace(&mut met[part], true) {
                rows[self.parts[part].layer].push(part);
                stack.extend(self.below[part].iter().rev().map(|(next, _)| *next));
            }
        }
        rows
    }
}

/// For each box how many others stand above it on the longest way to it; then it moves down where that makes more links shorter than longer.
fn ranks(boxes: usize, links: &[Link]) -> Vec<usize> {
    let mut out = vec![Vec::new(); boxes];
    let mut before = vec![0_usize; boxes];
    for link in links {
        out[link.from].push(link.to);
        before[link.to] += 1;
    }
    let incoming = before.clone();
    let mut order: Vec<usize> = (0..boxes).filter(|part| before[*part] == 0).collect();
    let mut ranks = vec![0; boxes];
    let mut done = 0;
    while let Some(part) = order.get(done).copied() {
        done += 1;
        for next in &out[part] {
            ranks[*next] = ranks[*next].max(ranks[part] + 1);
            before[*next] -= 1;
            if before[*next] == 0 {
                order.push(*next);
            }
        }
    }
    for part in order.into_iter().rev() {
        let lowest = out[part].iter().map(|next| ranks[*next] - 1).min();
        if let Some(lowest) = lowest.filter(|_| incoming[part] < out[part].len()) {
            ranks[part] = lowest;
        }
    }
    ranks
}
