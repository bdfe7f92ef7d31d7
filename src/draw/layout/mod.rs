//! Where the boxes of a flowchart stand, and how its arrows run: in layers, top to bottom.
//!
//! Every second layer has no boxes: labels stand there, and are laid out like boxes, so that nothing ever covers one. An arrow crosses a
//! layer straight down at a place of its own and bends only between layers, where no box is.

mod coordinates;
mod layers;
mod order;
mod spread;
#[cfg(test)]
mod tests;

use layers::{Layers, Part};
use spread::{Wish, spread};

/// How large a box is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// An arrow that is to be laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How large its label is, if it has one.
    pub(super) label: Option<Size>,
    /// How much is to be said for making it short and straight.
    pub(super) weight: f64,
}

/// A box that has its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    pub(super) fn middle(self) -> (f64, f64) {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }
}

/// How an arrow runs: straight down in each pass, and bent from one to the next.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) passes: Vec<Pass>,
    /// Where its label stands.
    pub(super) label: Option<Rect>,
}

/// A piece of an arrow, straight down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pass {
    pub(super) x: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// A flowchart that is laid out; it begins at 0, 0.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) boxes: Vec<Rect>,
    pub(super) routes: Vec<Route>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A flowchart that is too large to be laid out in a time that anybody would wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the flowchart is too large to be laid out: its arrows cross {crossed} layers, and {AT_MOST} are the most"
)]
pub struct TooLarge {
    crossed: usize,
}

/// How many layers all arrows may cross.
const AT_MOST: usize = 40_000;

/// How far an arrow runs straight into its last box, for its head.
const HEAD: f64 = 9.0;

/// How far layers are apart; more where arrows go far to the side.
const BETWEEN: f64 = 19.0;

/// Lays a flowchart out. The links must have no cycle.
///
/// # Errors
///
/// It is too large.
pub(super) fn layout(sizes: &[Size], links: &[Link]) -> Result<Layout, TooLarge> {
    let mut layers = Layers::of(sizes, links)?;
    order::order(&mut layers);
    let xs = coordinates::coordinates(&layers);
    let bands = bands(&layers, &xs);
    let mut boxes = Vec::with_capacity(sizes.len());
    for (part, size) in sizes.iter().enumerate() {
        let (top, bottom) = bands[layers.parts[part].layer];
        boxes.push(Rect {
            left: xs[part] - size.width / 2.0,
            top: (top + bottom - size.height) / 2.0,
            width: size.width,
            height: size.height,
        });
    }
    let ports = Ports::of(&layers, links, &xs);
    let routes = links
        .iter()
        .enumerate()
        .map(|(number, link)| {
            let (start, end) = (boxes[link.from], boxes[link.to]);
            let mut passes = vec![Pass {
                x: ports.out[number],
                top: start.top + start.height,
                bottom: bands[layers.parts[link.from].layer].1,
            }];
            let mut label = None;
            for part in layers.chains[number].clone() {
                let Part { layer, size, .. } = layers.parts[part];
                let (top, bottom) = bands[layer];
                // A layer in which nothing stands is not worth a bend.
                if bottom > top {
                    passes.push(Pass {
                        x: xs[part],
                        top,
                        bottom,
                    });
                }
                if size.height > 0.0 {
                    label = Some(Rect {
                        left: xs[part] - size.width / 2.0,
                        top: (top + bottom - size.height) / 2.0,
                        width: size.width,
                        height: size.height,
                    });
                }
            }
            passes.push(Pass {
                x: ports.into[number],
                top: bands[layers.parts[link.to].layer].0 - HEAD,
                bottom: end.top,
            });
            Route { passes, label }
        })
        .collect();
    let right = (0..layers.parts.len()).map(|part| xs[part] + layers.parts[part].size.width / 2.0);
    Ok(Layout {
        boxes,
        routes,
        width: right.fold(0.0, f64::max),
        height: bands.last().map_or(0.0, |(_, bottom)| *bottom),
    })
}

/// From where to where each layer goes.
fn bands(layers: &Layers, xs: &[f64]) -> Vec<(f64, f64)> {
    let mut bands = Vec::with_capacity(layers.rows.len());
    let mut y = 0.0;
    for (number, row) in layers.rows.iter().enumerate() {
        if number > 0 {
            let aside = row.iter().flat_map(|part| {
                let above = layers.above[*part].iter();
                above.map(|(other, _)| (xs[*part] - xs[*other]).abs())
            });
            y += BETWEEN + (aside.fold(0.0, f64::max) / 9.0).min(48.0);
        }
        let height = row.iter().map(|part| layers.parts[*part].size.height);
        let height = height.fold(0.0, f64::max);
        bands.push((y, y + height));
        y += height;
    }
    bands
}

/// Where each link leaves its first box and enters its last.
struct Ports {
    out: Vec<f64>,
    into: Vec<f64>,
}

impl Ports {
    fn of(layers: &Layers, links: &[Link], xs: &[f64]) -> Self {
        let mut ports = Self {
            out: vec![0.0; links.len()],
            into: vec![0.0; links.len()],
        };
        let mut leaving = vec![Vec::new(); xs.len()];
        let mut entering = leaving.clone();
        for (number, link) in links.iter().enumerate() {
            let chain = layers.chains[number].clone();
            leaving[link.from].push((xs[chain.start], number));
            entering[link.to].push((xs[chain.end - 1], number));
        }
        for (ends, found) in [(leaving, &mut ports.out), (entering, &mut ports.into)] {
            for (part, mut ends) in ends.into_iter().enumerate() {
                ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                // Straight where that can be, and well inside the box, whatever its corners look like.
                let room = layers.parts[part].size.width * 0.3;
                let (low, high) = (xs[part] - room, xs[part] + room);
                let step = (2.0 * room / ends.len() as f64).min(18.0);
                let offsets: Vec<f64> = (0..ends.len()).map(|place| place as f64 * step).collect();
                let wishes: Vec<Wish> = ends
                    .iter()
                    .map(|(x, _)| Wish {
                        at: x.clamp(low, high),
                        weight: 1.0,
                    })
                    .collect();
                let most = high - offsets.last().copied().unwrap_or(0.0);
                let places = spread(&wishes, &offsets);
                for (((_, number), offset), x) in ends.iter().zip(&offsets).zip(places) {
                    found[*number] = (x - offset).clamp(low, most) + offset;
                }
            }
        }
        ports
    }
}
