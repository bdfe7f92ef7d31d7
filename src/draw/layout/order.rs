use super::layers::Layers;

/// How often all layers are put in order, down and up in turn, as long as there are few parts.
const SWEEPS: usize = 24;

/// How many sweeps in a row may bring nothing.
const IN_VAIN: usize = 6;

/// How many pairs of links are compared to see whether two parts should change places.
const COMPARED_AT_MOST: usize = 10_000;

/// Puts the parts of each layer in an order in which few links cross: again and again each part goes to the middle of its neighbours, and
/// the best order that was met is kept.
pub(super) fn order(layers: &mut Layers) {
    let mut places = vec![0.0; layers.parts.len()];
    for row in &layers.rows {
        note(&mut places, row);
    }
    let mut best = layers.rows.clone();
    let mut fewest = crossings(layers, &places);
    let mut in_vain = 0;
    let sweeps = (2_000_000 / (layers.parts.len() + 1)).clamp(4, SWEEPS);
    for sweep in 0..sweeps {
        if fewest == 0 || in_vain == IN_VAIN {
            break;
        }
        let down = sweep % 2 == 0;
        for step in 0..layers.rows.len() {
            let number = if down { step } else { layers.rows.len() - 1 - step };
            let towards = if down { &layers.above } else { &layers.below };
            let row = layers.rows[number].iter();
            let mut keyed: Vec<(f64, usize)> = row
                .map(|part| (middle(&towards[*part], &places).unwrap_or(places[*part]), *part))
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers.rows[number] = keyed.into_iter().map(|(_, part)| part).collect();
            note(&mut places, &layers.rows[number]);
        }
        swap_neighbours(layers, &mut places);
        let now = crossings(layers, &places);
        in_vain += 1;
        if now < fewest {
            in_vain = 0;
            fewest = now;
            best.clone_from(&layers.rows);
        }
    }
    layers.rows = best;
    layers.places = vec![0; layers.parts.len()];
    for row in &layers.rows {
        for (place, part) in row.iter().enumerate() {
            layers.places[*part] = place;
        }
    }
}

fn note(places: &mut [f64], row: &[usize]) {
    for (place, part) in row.iter().enumerate() {
        places[*part] = place as f64;
    }
}

fn middle(neighbours: &[(usize, f64)], places: &[f64]) -> Option<f64> {
    let count = neighbours.len() as f64;
    let sum: f64 = neighbours.iter().map(|(part, _)| places[*part]).sum();
    (!neighbours.is_empty()).then_some(sum / count)
}

/// Swaps two that stand side by side wherever fewer links cross then.
fn swap_neighbours(layers: &mut Layers, places: &mut [f64]) {
    for number in 0..layers.rows.len() {
        for place in 1..layers.rows[number].len() {
            let (left, right) = (layers.rows[number][place - 1], layers.rows[number][place]);
            let sides = [&layers.above, &layers.below];
            // Two that have links by the thousand are not compared: that takes long, and nobody could see it.
            if sides
                .iter()
                .any(|side| side[left].len() * side[right].len() > COMPARED_AT_MOST)
            {
                continue;
            }
            let crossed = |a: usize, b: usize| -> usize {
                sides.iter().map(|side| between(&side[a], &side[b], places)).sum()
            };
            if crossed(right, left) < crossed(left, right) {
                layers.rows[number].swap(place - 1, place);
                places.swap(left, right);
            }
        }
    }
}

/// How many links of two parts cross when the first stands left of the second.
fn between(left: &[(usize, f64)], right: &[(usize, f64)], places: &[f64]) -> usize {
    let crossed = |(a, _): &(usize, f64)| right.iter().filter(|(b, _)| places[*b] < places[*a]).count();
    left.iter().map(crossed).sum()
}

/// How many links cross.
fn crossings(layers: &Layers, places: &[f64]) -> usize {
    layers
        .rows
        .iter()
        .map(|row| crossings_below(layers, row, places))
        .sum()
}

/// How many links cross below a layer: taken from left to right, each crosses those before it that end further right.
fn crossings_below(layers: &Layers, row: &[usize], places: &[f64]) -> usize {
    let mut ends = Vec::new();
    for part in row {
        let mut own: Vec<usize> = layers.below[*part]
            .iter()
            .map(|(end, _)| places[*end] as usize)
            .collect();
        own.sort_unstable();
        ends.extend(own);
    }
    // A Fenwick tree of how many ends were met at each place.
    let size = ends.iter().max().map_or(0, |last| last + 2);
    let mut tree = vec![0_usize; size];
    let mut crossed = 0;
    for (met, end) in ends.into_iter().enumerate() {
        let mut not_right = 0;
        let mut at = end + 1;
        while at > 0 {
            not_right += tree[at];
            at &= at - 1;
        }
        crossed += met - not_right;
        let mut at = end + 1;
        while at < size {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    crossed
}
