//! Areas as runs of cells, row by row: what polygons become to be compared and voted on. A cell belongs to an area when
//! its center does.

use std::collections::BTreeMap;

use super::mask::{ImageSize, LabelMap};
use super::point::Point;

/// An area on a grid whose cell `(row, column)` spans `cell` pixels from `(column · cell, row · cell)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    cell: f64,
    first_row: i64,
    /// Per row the index of its first run, and one more for the end.
    starts: Vec<usize>,
    /// Columns from (inclusive) to (exclusive), apart from each other, ascending within a row.
    runs: Vec<(i64, i64)>,
}

impl Raster {
    /// Fills a closed outline: what it winds around is inside, also where it crosses itself (nonzero rule). `cell` must be
    /// above 0 and the outline within [`super::point::MAX_COORDINATE`].
    pub fn fill(outline: &[Point], cell: f64) -> Self {
        let row_of = |y: f64| (y / cell - 0.5).ceil() as i64;
        let edges = || outline.iter().zip(outline.iter().cycle().skip(1));
        let first_row = outline.iter().map(|point| row_of(point.y)).min().unwrap_or_default();
        let end_row = outline.iter().map(|point| row_of(point.y)).max().unwrap_or_default();
        let n_rows = usize::try_from(end_row - first_row).unwrap_or_default();
        // Crossings in one list, sorted once: row, column of the first cell behind the crossing, direction.
        let mut crossings: Vec<(usize, i64, i32)> = Vec::new();
        for (from, to) in edges() {
            let (upper, lower, winding) = if from.y <= to.y { (from, to, 1) } else { (to, from, -1) };
            for row in row_of(upper.y)..row_of(lower.y) {
                let share = ((row as f64 + 0.5) * cell - upper.y) / (lower.y - upper.y);
                let column = ((upper.x + (lower.x - upper.x) * share) / cell - 0.5).ceil() as i64;
                crossings.push((usize::try_from(row - first_row).unwrap_or_default(), column, winding));
            }
        }
        crossings.sort_unstable();
        let mut raster = Self { cell, first_row, starts: Vec::with_capacity(n_rows + 1), runs: Vec::new() };
        let mut rest = crossings.as_slice();
        for row in 0..n_rows {
            raster.starts.push(raster.runs.len());
            let (of_row, others) = rest.split_at(rest.partition_point(|crossing| crossing.0 <= row));
            rest = others;
            let (mut winding, mut start) = (0, 0);
            for (_, column, direction) in of_row {
                if winding == 0 {
                    start = *column;
                }
                winding += direction;
                if winding == 0 && *column > start {
                    raster.push_run(start, *column);
                }
            }
        }
        raster.starts.push(raster.runs.len());
        raster
    }

    /// Adds a run to the last row, joined to the run before it where they touch.
    fn push_run(&mut self, start: i64, end: i64) {
        let first_of_row = self.starts.last().copied().unwrap_or_default();
        match self.runs.get_mut(first_of_row..).and_then(<[_]>::last_mut) {
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => self.runs.push((start, end)),
        }
    }

    fn row(&self, row: i64) -> &[(i64, i64)] {
        let idx = usize::try_from(row - self.first_row).unwrap_or(usize::MAX);
        match (self.starts.get(idx), idx.checked_add(1).and_then(|next| self.starts.get(next))) {
            (Some(from), Some(to)) => &self.runs[*from..*to],
            _ => &[],
        }
    }

    /// The size of a cell, in pixels.
    pub(super) fn cell(&self) -> f64 {
        self.cell
    }

    /// Every run as its row, its first column, and the column behind it.
    pub(super) fn rows(&self) -> impl Iterator<Item = (i64, i64, i64)> {
        let rows = self.first_row..self.end_row();
        rows.flat_map(|row| self.row(row).iter().map(move |(start, end)| (row, *start, *end)))
    }

    /// First row, first column, and the row and column behind the last; `None` without a cell.
    pub(super) fn bounds(&self) -> Option<[i64; 4]> {
        let of_run = self.rows().map(|(row, start, end)| [row, start, row + 1, end]);
        of_run.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
    }

    /// The areas as masks of one image, which holds them all; cells are its pixels and 1 the class of the area. `None` where
    /// no area has a cell, or the image would be too large.
    pub fn label_maps(areas: &[&Self]) -> Option<Vec<LabelMap>> {
        let [top, left, bottom, right] = areas
            .iter()
            .filter_map(|area| area.bounds())
            .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])?;
        let side = |from: i64, to: i64| u32::try_from(to - from).ok();
        let size = ImageSize::new(side(left, right)?, side(top, bottom)?).ok()?;
        let map = |area: &&Self| {
            let idx = |row: i64, column: i64| (row - top) * (right - left) + column - left;
            let (mut runs, mut at) = (Vec::new(), 0);
            for (row, start, end) in area.rows() {
                runs.push((LabelMap::BACKGROUND, u32::try_from(idx(row, start) - at).ok()?));
                runs.push((1, u32::try_from(end - start).ok()?));
                at = idx(row, end);
            }
            runs.push((LabelMap::BACKGROUND, size.n_pixels() - u32::try_from(at).ok()?));
            LabelMap::from_runs(size, runs).ok()
        };
        areas.iter().map(map).collect()
    }

    fn end_row(&self) -> i64 {
        self.first_row + self.starts.len() as i64 - 1
    }

    /// Number of covered cells.
    pub fn n_cells(&self) -> u64 {
        self.runs.iter().map(|(start, end)| end.abs_diff(*start)).sum()
    }

    /// The number of cells that two areas on the same grid share.
    pub fn n_shared(&self, other: &Self) -> u64 {
        let rows = self.first_row.max(other.first_row)..self.end_row().min(other.end_row());
        rows.map(|row| n_shared(self.row(row), other.row(row))).sum()
    }

    /// Intersection over union of two areas on the same grid, in [0, 1]; 0 when neither has a cell.
    pub fn iou(&self, other: &Self) -> f64 {
        let shared = self.n_shared(other);
        let either = self.n_cells() + other.n_cells() - shared;
        if either == 0 { 0.0 } else { shared as f64 / either as f64 }
    }

    /// The cells that at least `least` of the areas hold, a number above 0; all on one grid.
    pub fn vote(rasters: &[&Self], least: usize) -> Self {
        let first_row = rasters.iter().map(|raster| raster.first_row).min().unwrap_or_default();
        let end_row = rasters.iter().map(|raster| raster.end_row()).max().unwrap_or_default();
        let cell = rasters.first().map_or(1.0, |raster| raster.cell);
        let mut elected = Self { cell, first_row, starts: Vec::new(), runs: Vec::new() };
        let mut steps: Vec<(i64, isize)> = Vec::new();
        for row in first_row..end_row {
            steps.clear();
            for raster in rasters {
                steps.extend(raster.row(row).iter().flat_map(|(start, end)| [(*start, 1), (*end, -1)]));
            }
            steps.sort_unstable();
            elected.starts.push(elected.runs.len());
            let (mut n_held, mut column) = (0_isize, 0);
            for (at, step) in &steps {
                if *at > column && n_held.unsigned_abs() >= least {
                    elected.push_run(column, *at);
                }
                (n_held, column) = (n_held + step, *at);
            }
        }
        elected.starts.push(elected.runs.len());
        elected
    }

    /// The outline of the largest connected part, clockwise on the screen, along the edges of cells; holes are filled.
    /// Cells that touch at a corner alone are not connected. Empty without a cell.
    pub fn outline(&self) -> Vec<Point> {
        let mut edges = self.edges();
        let mut largest: (f64, Vec<Point>) = (0.0, Vec::new());
        while let Some((start, _)) = edges.first_key_value() {
            let (start, mut loop_) = (*start, Vec::new());
            let (mut at, mut heading) = (start, (0, 0));
            while let Some(next) = take_edge(&mut edges, at, heading) {
                let turned = ((next.0 - at.0).signum(), (next.1 - at.1).signum());
                if turned != heading {
                    loop_.push(Point { x: at.1 as f64 * self.cell, y: at.0 as f64 * self.cell });
                }
                (at, heading) = (next, turned);
            }
            let area = super::polygon::signed_area(&loop_);
            if area > largest.0 {
                largest = (area, loop_);
            }
        }
        largest.1
    }

    /// The edges between inside and outside, each directed so that the inside lies to its right: from a corner
    /// (row, column) to one or two others.
    fn edges(&self) -> BTreeMap<Corner, Vec<Corner>> {
        let mut edges: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
        let mut add = |from: Corner, to: Corner| edges.entry(from).or_default().push(to);
        for row in self.first_row..=self.end_row() {
            for (start, end) in self.row(row) {
                add((row + 1, *start), (row, *start));
                add((row, *end), (row + 1, *end));
            }
            for (start, end) in without(self.row(row), self.row(row - 1)) {
                add((row, start), (row, end));
            }
            for (start, end) in without(self.row(row - 1), self.row(row)) {
                add((row, end), (row, start));
            }
        }
        edges
    }
}

/// Row and column of a cell's upper left corner.
type Corner = (i64, i64);

/// Takes the edge that leaves a corner; where two leave, the one that turns right, so that areas that meet at the corner
/// stay apart.
fn take_edge(edges: &mut BTreeMap<Corner, Vec<Corner>>, from: Corner, heading: (i64, i64)) -> Option<Corner> {
    let ends = edges.get_mut(&from)?;
    let right = (heading.1, -heading.0);
    let turns_right = |end: &Corner| ((end.0 - from.0).signum(), (end.1 - from.1).signum()) == right;
    let idx = ends.iter().position(turns_right).unwrap_or_default();
    let end = ends.swap_remove(idx);
    if ends.is_empty() {
        edges.remove(&from);
    }
    Some(end)
}

fn n_shared(a: &[(i64, i64)], b: &[(i64, i64)]) -> u64 {
    let (mut i, mut j, mut n) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (start, end) = (x.0.max(y.0), x.1.min(y.1));
        if end > start {
            n += end.abs_diff(start);
        }
        if x.1 <= y.1 {
            i += 1;
        } else {
            j += 1;
        }
    }
    n
}

/// The parts of the runs `a` that no run of `b` covers.
fn without(a: &[(i64, i64)], b: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut rest = Vec::new();
    for (start, end) in a {
        let mut from = *start;
        for (covered, until) in b.iter().filter(|run| run.1 > *start && run.0 < *end) {
            if *covered > from {
                rest.push((from, *covered));
            }
            from = from.max(*until);
        }
        if from < *end {
            rest.push((from, *end));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Vec<Point> {
        let point = |pair: &str| {
            let (x, y) = pair.split_once(',').expect("x,y");
            Point { x: x.parse().expect("a number"), y: y.parse().expect("a number") }
        };
        text.split_whitespace().map(point).collect()
    }

    fn text(points: &[Point]) -> String {
        points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_filled_outline_is_traced_back() {
        let check = |drawn: &str, cell: f64, n_cells: u64, traced: &str| {
            let raster = Raster::fill(&outline(drawn), cell);
            assert_eq!((raster.n_cells(), text(&raster.outline()).as_str()), (n_cells, traced), "{drawn}");
        };
        check("0,0 4,0 4,3 0,3", 1.0, 12, "0,0 4,0 4,3 0,3");
        check("0,3 4,3 4,0 0,0", 1.0, 12, "0,0 4,0 4,3 0,3");
        check("-2,-2 2,-2 2,2 -2,2", 2.0, 4, "-2,-2 2,-2 2,2 -2,2");
        check("0,0 4,0 4,2 2,2 2,4 0,4", 1.0, 12, "0,0 4,0 4,2 2,2 2,4 0,4");
        // Drawn around twice, and a bow tie whose wings wind in opposite directions.
        check("0,0 4,0 4,4 0,4 0,0 4,0 4,4 0,4", 1.0, 16, "0,0 4,0 4,4 0,4");
        check("0,0 4,4 4,0 0,4", 1.0, 8, "3,0 4,0 4,4 3,4 3,3 2,3 2,1 3,1");
        check("0,0 9,0", 1.0, 0, "");
        check("", 1.0, 0, "");
    }

    #[test]
    fn areas_become_masks_of_one_image() {
        let left = Raster::fill(&outline("-1,0 1,0 1,2 -1,2"), 1.0);
        let right = Raster::fill(&outline("0,1 3,1 3,2 0,2"), 1.0);
        let maps = Raster::label_maps(&[&left, &right]).expect("masks");
        let spans =
            |map: &LabelMap| map.spans().filter(|(class, _)| *class == 1).map(|(_, span)| span).collect::<Vec<_>>();
        assert_eq!((maps[0].size().width(), maps[0].size().height()), (4, 2));
        assert_eq!(format!("{:?} {:?}", spans(&maps[0]), spans(&maps[1])), "[0..2, 4..6] [5..8]");
        assert_eq!(Raster::label_maps(&[&Raster::fill(&[], 1.0)]), None);
    }

    #[test]
    fn cells_that_meet_at_a_corner_are_apart() {
        let left = Raster::fill(&outline("0,0 2,0 2,2 0,2"), 1.0);
        let right = Raster::fill(&outline("2,2 5,2 5,5 2,5"), 1.0);
        assert_eq!(text(&Raster::vote(&[&left, &right], 1).outline()), "2,2 5,2 5,5 2,5");
        assert_eq!(Raster::vote(&[&left, &right], 2).n_cells(), 0);
    }

    #[test]
    fn cells_are_voted() {
        let strips: Vec<Raster> = ["0,0 3,0 3,1 0,1", "1,0 4,0 4,1 1,1", "2,0 6,0 6,2 2,2"]
            .map(|strip| Raster::fill(&outline(strip), 1.0))
            .into();
        let all: Vec<&Raster> = strips.iter().collect();
        assert_eq!([1, 2, 3, 4].map(|least| Raster::vote(&all, least).n_cells()), [10, 3, 1, 0]);
        assert_eq!(strips[0].n_shared(&strips[2]), 1);
        assert!((strips[0].iou(&strips[1]) - 0.5).abs() < 1e-12);
    }
}
