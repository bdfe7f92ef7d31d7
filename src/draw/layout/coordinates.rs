use super::layers::Layers;
use super::spread::{Wish, spread};

/// How often all layers are moved, as long as there are few parts.
const SWEEPS: usize = 60;

/// How far two parts of a layer stand apart: boxes, a box and a link, two links.
const APART: [f64; 3] = [34.0, 20.0, 16.0];

/// The middle of each part from the left. Again and again each layer moves to where its links pull it, as near as the order and the widths
/// in it allow; at last what is nearly straight is made so.
pub(super) fn coordinates(layers: &Layers) -> Vec<f64> {
    let mut xs = vec![0.0; layers.parts.len()];
    let offsets: Vec<Vec<f64>> = layers.rows.iter().map(|row| offsets(layers, row)).collect();
    for (row, offsets) in layers.rows.iter().zip(&offsets) {
        for (part, offset) in row.iter().zip(offsets) {
            xs[*part] = *offset;
        }
    }
    let sweeps = (2_000_000 / (layers.parts.len() + 1)).clamp(6, SWEEPS);
    for sweep in 0..sweeps {
        // At the end both sides pull at once.
        let sides = match (sweep + 6 < sweeps, sweep % 2 == 0) {
            (true, true) => [true, false],
            (true, false) => [false, true],
            (false, _) => [true, true],
        };
        for step in 0..layers.rows.len() {
            let number = if sweep % 2 == 0 {
                step
            } else {
                layers.rows.len() - 1 - step
            };
            settle(layers, &layers.rows[number], &offsets[number], sides, &mut xs);
        }
    }
    // There and back, as one that moves makes room for the next on either side.
    let threads = threads(layers);
    for _ in 0..3 {
        for thread in threads.iter().chain(threads.iter().rev()) {
            straighten(layers, &offsets, thread, &mut xs);
        }
    }
    draw_together(layers, &offsets, &mut xs);
    let left = (0..xs.len()).map(|part| xs[part] - layers.parts[part].size.width / 2.0);
    let left = left.fold(f64::INFINITY, f64::min);
    for x in &mut xs {
        *x -= left;
    }
    xs
}

/// The least that each part of a layer is right of the first.
fn offsets(layers: &Layers, row: &[usize]) -> Vec<f64> {
    let mut offset = 0.0;
    let mut last: Option<usize> = None;
    let mut offsets = Vec::with_capacity(row.len());
    for part in row.iter().copied() {
        if let Some(last) = last {
            let (a, b) = (layers.parts[last], layers.parts[part]);
            let links = [a, b].iter().filter(|part| !part.is_box).count();
            offset += (a.size.width + b.size.width) / 2.0 + APART[links];
        }
        offsets.push(offset);
        last = Some(part);
    }
    offsets
}

/// Moves a layer to where the least pull is left.
fn settle(layers: &Layers, row: &[usize], offsets: &[f64], [up, down]: [bool; 2], xs: &mut [f64]) {
    let wish = |part: &usize| {
        let above = layers.above[*part].iter().filter(|_| up);
        let below = layers.below[*part].iter().filter(|_| down);
        // It stays where it is, if nothing pulls.
        let (mut sum, mut weight) = (xs[*part] * 0.01, 0.01);
        for (other, pull) in above.chain(below) {
            sum += xs[*other] * pull;
            weight += pull;
        }
        Wish {
            at: sum / weight,
            weight,
        }
    };
    let wishes: Vec<Wish> = row.iter().map(wish).collect();
    for (part, x) in row.iter().zip(spread(&wishes, offsets)) {
        xs[*part] = x;
    }
}

/// What should stand in one line: a link from end to end, and a box with the one way in or out that it has. Waits do not count for that.
fn threads(layers: &Layers) -> Vec<Vec<usize>> {
    let only = |neighbours: &[(usize, f64)], part: usize| -> Option<usize> {
        let mut ways = neighbours
            .iter()
            .filter(|(_, pull)| !layers.parts[part].is_box || *pull >= 1.0);
        let first = ways.next()?.0;
        ways.next().is_none().then_some(first)
    };
    let next: Vec<Option<usize>> = (0..layers.parts.len())
        .map(|part| {
            let next = only(&layers.below[part], part)?;
            (only(&layers.above[next], next) == Some(part)).then_some(next)
        })
        .collect();
    let mut begins = vec![true; next.len()];
    for next in next.iter().flatten() {
        begins[*next] = false;
    }
    let starts = (0..next.len()).filter(|part| begins[*part]);
    let mut threads: Vec<Vec<usize>> = starts
        .map(|start| std::iter::successors(Some(start), |part| next[*part]).collect())
        .filter(|thread: &Vec<usize>| thread.len() > 1)
        .collect();
    // The long ones first: they show most.
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.len()));
    threads
}

/// Makes a thread of as few straight pieces as the parts beside it leave room for.
fn straighten(layers: &Layers, offsets: &[Vec<f64>], thread: &[usize], xs: &mut [f64]) {
    let mut start = 0;
    while start < thread.len() {
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut end = start;
        let mut sum = 0.0;
        while let Some(part) = thread.get(end) {
            let (from, to) = room(layers, offsets, *part, xs);
            if low.max(from) > high.min(to) {
                break;
            }
            (low, high) = (low.max(from), high.min(to));
            sum += xs[*part];
            end += 1;
        }
        if end == start {
            return;
        }
        let x = (sum / (end - start) as f64).clamp(low, high);
        for part in &thread[start..end] {
            xs[*part] = x;
        }
        start = end;
    }
}

/// Moves what no link joins to the rest to the left, as far as there is room: nothing else pulled it there.
fn draw_together(layers: &Layers, offsets: &[Vec<f64>], xs: &mut [f64]) {
    let mut group = vec![usize::MAX; xs.len()];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for start in 0..xs.len() {
        if group[start] != usize::MAX {
            continue;
        }
        let mut members = vec![start];
        group[start] = groups.len();
        let mut done = 0;
        while let Some(part) = members.get(done).copied() {
            done += 1;
            for (next, _) in layers.above[part].iter().chain(&layers.below[part]) {
                if group[*next] == usize::MAX {
                    group[*next] = groups.len();
                    members.push(*next);
                }
            }
        }
        groups.push(members);
    }
    let left = |part: &usize, xs: &[f64]| xs[*part] - layers.parts[*part].size.width / 2.0;
    let left_of = |members: &Vec<usize>, xs: &[f64]| {
        members
            .iter()
            .map(|part| left(part, xs))
            .fold(f64::INFINITY, f64::min)
    };
    groups.sort_by(|a, b| left_of(a, xs).total_cmp(&left_of(b, xs)));
    let Some(leftmost) = groups.first().map(|members| left_of(members, xs)) else {
        return;
    };
    for members in groups {
        let own = group[members[0]];
        let mut room = left_of(&members, xs) - leftmost;
        for part in &members {
            let row = &layers.rows[layers.parts[*part].layer];
            let before = layers.places[*part].checked_sub(1).map(|place| row[place]);
            if before.is_some_and(|before| group[before] != own) {
                room = room.min(xs[*part] - self::room(layers, offsets, *part, xs).0);
            }
        }
        for part in members {
            xs[part] -= room.max(0.0);
        }
    }
}

/// How far a part can move to either side before it comes too near to the next.
fn room(layers: &Layers, offsets: &[Vec<f64>], part: usize, xs: &[f64]) -> (f64, f64) {
    let layer = layers.parts[part].layer;
    let (row, offsets) = (&layers.rows[layer], &offsets[layer]);
    let place = layers.places[part];
    let apart = |left: usize| offsets[left + 1] - offsets[left];
    let low = place.checked_sub(1).map(|left| xs[row[left]] + apart(left));
    let high = row.get(place + 1).map(|right| xs[*right] - apart(place));
    let low = low.unwrap_or(f64::NEG_INFINITY).min(xs[part]);
    (low, high.unwrap_or(f64::INFINITY).max(xs[part]))
}
