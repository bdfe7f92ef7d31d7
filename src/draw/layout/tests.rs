//! Whatever is laid out, nothing covers anything else. Told by the layout's own numbers.

use proptest::prelude::*;

use super::{Layout, Link, Rect, Route, Size, layout};

/// Less than this is not seen.
const NEAR: f64 = 0.01;

/// Where an arrow goes, in steps too small to step over anything.
fn points(route: &Route) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let between = |from: f64, to: f64, share: f64| from + (to - from) * share;
    for (number, pass) in route.passes.iter().enumerate() {
        if let Some(last) = number.checked_sub(1).map(|last| route.passes[last]) {
            let middle = (last.bottom + pass.top) / 2.0;
            for step in 0..=50 {
                let t = f64::from(step) / 50.0;
                let bend = |a: f64, b: f64, c: f64, d: f64| {
                    let s = 1.0 - t;
                    s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
                };
                points.push((
                    bend(last.x, last.x, pass.x, pass.x),
                    bend(last.bottom, middle, middle, pass.top),
                ));
            }
        }
        for step in 0..=10 {
            points.push((pass.x, between(pass.top, pass.bottom, f64::from(step) / 10.0)));
        }
    }
    points
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.left + NEAR < b.left + b.width
        && b.left + NEAR < a.left + a.width
        && a.top + NEAR < b.top + b.height
        && b.top + NEAR < a.top + a.height
}

fn is_in(rect: Rect, (x, y): (f64, f64)) -> bool {
    let Rect {
        left,
        top,
        width,
        height,
    } = rect;
    x > left + NEAR && x < left + width - NEAR && y > top + NEAR && y < top + height - NEAR
}

fn assert_nothing_is_covered(layout: &Layout, links: &[Link]) {
    let labels: Vec<Rect> = layout.routes.iter().filter_map(|route| route.label).collect();
    assert_eq!(
        labels.len(),
        links.iter().filter(|link| link.label.is_some()).count()
    );
    let all: Vec<Rect> = layout.boxes.iter().chain(&labels).copied().collect();
    for (number, rect) in all.iter().enumerate() {
        assert!(rect.left >= -NEAR && rect.top >= -NEAR, "{rect:?} is outside");
        assert!(
            rect.left + rect.width <= layout.width + NEAR,
            "{rect:?} is outside"
        );
        assert!(
            rect.top + rect.height <= layout.height + NEAR,
            "{rect:?} is outside"
        );
        for other in &all[..number] {
            assert!(!overlap(*rect, *other), "{rect:?} covers {other:?}");
        }
    }
    for (route, link) in layout.routes.iter().zip(links) {
        for point in points(route) {
            for (number, rect) in layout.boxes.iter().enumerate() {
                assert!(
                    !is_in(*rect, point),
                    "the arrow {} → {} runs through box {number} at {point:?}",
                    link.from,
                    link.to
                );
            }
            for label in &labels {
                assert!(
                    route.label == Some(*label) || !is_in(*label, point),
                    "the arrow {} → {} runs through the label {label:?} at {point:?}",
                    link.from,
                    link.to
                );
            }
            let (x, y) = point;
            assert!((-NEAR..=layout.width + NEAR).contains(&x), "{point:?} is outside");
            assert!(
                (-NEAR..=layout.height + NEAR).contains(&y),
                "{point:?} is outside"
            );
        }
        let (first, last) = (route.passes.first(), route.passes.last());
        let (from, to) = (layout.boxes[link.from], layout.boxes[link.to]);
        let first = first.expect("an arrow begins");
        let last = last.expect("an arrow ends");
        assert!(
            (first.top - from.top - from.height).abs() < NEAR,
            "it begins at its box"
        );
        assert!((last.bottom - to.top).abs() < NEAR, "it ends at its box");
        assert!(first.x > from.left && first.x < from.left + from.width);
        assert!(last.x > to.left && last.x < to.left + to.width);
    }
}

fn chart() -> impl Strategy<Value = (Vec<Size>, Vec<Link>)> {
    let size = (40.0..260.0, 30.0..90.0).prop_map(|(width, height)| Size { width, height });
    prop::collection::vec(size, 1..28).prop_flat_map(|sizes| {
        let count = sizes.len();
        let label = prop::option::of((10.0..120.0).prop_map(|width| Size { width, height: 18.0 }));
        let link = (0..count, 0..count, label, prop::bool::ANY);
        let links = prop::collection::vec(link, 0..count * 2).prop_map(|links| {
            let forward = links.into_iter().filter(|(a, b, ..)| a != b);
            forward
                .map(|(a, b, label, is_way)| Link {
                    from: a.min(b),
                    to: a.max(b),
                    label,
                    weight: if is_way { 1.0 } else { 0.2 },
                })
                .collect()
        });
        (Just(sizes), links)
    })
}

proptest! {
    #[test]
    fn nothing_covers_anything_else((sizes, links) in chart()) {
        let layout = layout(&sizes, &links).expect("it is small");
        prop_assert_eq!(layout.boxes.len(), sizes.len());
        prop_assert_eq!(layout.routes.len(), links.len());
        assert_nothing_is_covered(&layout, &links);
    }
}

fn plain(from: usize, to: usize) -> Link {
    Link {
        from,
        to,
        label: None,
        weight: 1.0,
    }
}

const BOX: Size = Size {
    width: 100.0,
    height: 40.0,
};

#[test]
fn a_chain_is_a_straight_line() {
    let links: Vec<Link> = (1..20).map(|to| plain(to - 1, to)).collect();
    let layout = layout(&[BOX; 20], &links).expect("it is small");
    assert!(
        layout.boxes.iter().all(|place| place.left == 0.0),
        "{:?}",
        layout.boxes
    );
}

#[test]
fn ways_that_part_and_meet_again_stand_evenly() {
    let links: Vec<Link> = (1..=5).flat_map(|way| [plain(0, way), plain(way, 6)]).collect();
    let layout = layout(&[BOX; 7], &links).expect("it is small");
    let (middle, _) = layout.boxes[3].middle();
    for end in [0, 6] {
        assert!(
            (layout.boxes[end].middle().0 - middle).abs() < 1.0,
            "{:?}",
            layout.boxes
        );
    }
}

#[test]
fn what_nothing_joins_stands_side_by_side() {
    let layout = layout(&[BOX; 4], &[plain(0, 1), plain(2, 3)]).expect("it is small");
    assert!(layout.width < 3.0 * BOX.width, "{layout:?}");
}

#[test]
fn what_would_take_too_long_is_refused() {
    let boxes = 400;
    let links: Vec<Link> = (1..boxes)
        .flat_map(|to| [plain(to - 1, to), plain(0, to)])
        .collect();
    let refused = layout(&vec![BOX; boxes], &links).expect_err("its arrows cross too much");
    assert!(refused.to_string().contains("too large"), "{refused}");
}
