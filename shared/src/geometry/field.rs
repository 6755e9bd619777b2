//! A number per cell of a grid, and the outline of what lies above a level: votes on areas, weighted and smoothed.

use std::collections::BTreeMap;

use super::point::Point;
use super::raster::Raster;

/// The most cells of a field: beyond, its areas lie too far apart to be versions of one.
const MAX_CELLS: usize = 16_000_000;

/// Numbers at the centers of the cells of a grid, which begins at a row and a column of the raster's.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    cell: f64,
    first_row: i64,
    first_column: i64,
    n_columns: usize,
    values: Vec<f64>,
}

impl Field {
    /// Per cell the weight of the areas that hold it less the weight of those that do not, with a margin of so many cells
    /// (1 or more) around all of them that none holds. All areas are on one grid, and each has a weight above 0. `None`
    /// where no area has a cell, or the field would have more than 16 million.
    pub fn balance(areas: &[&Raster], weights: &[f64], margin: usize) -> Option<Self> {
        let bounds = areas.iter().filter_map(|area| area.bounds());
        let [top, left, bottom, right] = bounds.reduce(|[top, left, bottom, right], next| {
            [top.min(next[0]), left.min(next[1]), bottom.max(next[2]), right.max(next[3])]
        })?;
        let margin_cells = margin as i64;
        let (first_row, first_column) = (top - margin_cells, left - margin_cells);
        let side = |from: i64, to: i64| usize::try_from(to - from).ok()?.checked_add(2 * margin);
        let (n_rows, n_columns) = (side(top, bottom)?, side(left, right)?);
        let n_cells = n_rows.checked_mul(n_columns).filter(|n_cells| *n_cells <= MAX_CELLS)?;
        let none: f64 = -weights.iter().sum::<f64>();
        let mut field =
            Self { cell: areas.first()?.cell(), first_row, first_column, n_columns, values: vec![none; n_cells] };
        for (area, weight) in areas.iter().zip(weights) {
            for (row, start, end) in area.rows() {
                let idx = |column: i64| field.idx(row, column);
                let (from, to) = (idx(start), idx(end));
                field.values[from..to].iter_mut().for_each(|value| *value += 2.0 * weight);
            }
        }
        Some(field)
    }

    fn idx(&self, row: i64, column: i64) -> usize {
        let steps = |from: i64, to: i64| usize::try_from(to - from).unwrap_or_default();
        steps(self.first_row, row) * self.n_columns + steps(self.first_column, column)
    }

    fn n_rows(&self) -> usize {
        self.values.len() / self.n_columns
    }

    /// The mean over the `2 · radius + 1` cells a side around each one, but for cells with the largest or the smallest number
    /// of all, about which all areas agree. The radius is below the margin.
    pub fn smoothed(&self, radius: usize) -> Self {
        let (n_rows, n_columns) = (self.n_rows(), self.n_columns);
        let window = 2 * radius + 1;
        let mut smooth = self.clone();
        if radius == 0 || n_rows < window || n_columns < window {
            return smooth;
        }
        // Sums of the numbers above and to the left of each corner.
        let mut sums = vec![0.0; (n_rows + 1) * (n_columns + 1)];
        for row in 0..n_rows {
            let mut of_row = 0.0;
            for column in 0..n_columns {
                of_row += self.values[row * n_columns + column];
                sums[(row + 1) * (n_columns + 1) + column + 1] = sums[row * (n_columns + 1) + column + 1] + of_row;
            }
        }
        let none = self.values.first().copied().unwrap_or_default();
        for row in radius..n_rows - radius {
            for column in radius..n_columns - radius {
                let value = &mut smooth.values[row * n_columns + column];
                if value.abs() >= none.abs() * (1.0 - 1e-9) {
                    continue;
                }
                let corner = |row: usize, column: usize| sums[row * (n_columns + 1) + column];
                let (top, left) = (row - radius, column - radius);
                let (bottom, right) = (top + window, left + window);
                let sum = corner(bottom, right) - corner(top, right) - corner(bottom, left) + corner(top, left);
                *value = sum / (window * window) as f64;
            }
        }
        smooth
    }

    /// How many cells lie above a level.
    pub fn n_above(&self, level: f64) -> usize {
        self.values.iter().filter(|value| **value > level).count()
    }

    /// The outline of the largest connected part above a level, clockwise on the screen, holes filled: numbers between the
    /// centers of cells are interpolated (marching squares; Lorensen and Cline 1987 in the plane). Parts that touch at a
    /// corner alone are apart. Empty where nothing is above.
    pub fn outline(&self, level: f64) -> Vec<Point> {
        let mut steps: BTreeMap<Crossing, Crossing> = BTreeMap::new();
        for row in 0..self.n_rows().saturating_sub(1) {
            for column in 0..self.n_columns.saturating_sub(1) {
                let is_above = |row: usize, column: usize| self.values[row * self.n_columns + column] > level;
                let corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
                let corners = corners.map(|(row, column)| is_above(row, column));
                let top = Crossing { row, column, is_down: false };
                let left = Crossing { row, column, is_down: true };
                let right = Crossing { column: column + 1, ..left };
                let bottom = Crossing { row: row + 1, ..top };
                steps.extend(steps_through(corners, [top, right, bottom, left]).into_iter().flatten());
            }
        }
        let mut largest: (f64, Vec<Point>) = (0.0, Vec::new());
        while let Some((start, _)) = steps.first_key_value() {
            let (mut at, mut loop_) = (*start, Vec::new());
            while let Some(next) = steps.remove(&at) {
                loop_.push(self.point(at, level));
                at = next;
            }
            let area = super::polygon::signed_area(&loop_);
            if area > largest.0 {
                largest = (area, loop_);
            }
        }
        largest.1
    }

    /// Where the number between two neighboring centers is the level.
    fn point(&self, crossing: Crossing, level: f64) -> Point {
        let Crossing { row, column, is_down } = crossing;
        let here = row * self.n_columns + column;
        let there = if is_down { here + self.n_columns } else { here + 1 };
        let (from, to) = (self.values[here], self.values[there]);
        let share = (level - from) / (to - from);
        let along = |start: i64, idx: usize, share: f64| (start as f64 + idx as f64 + 0.5 + share) * self.cell;
        let (down, across) = if is_down { (share, 0.0) } else { (0.0, share) };
        Point { x: along(self.first_column, column, across), y: along(self.first_row, row, down) }
    }
}

/// The line between the centers of a cell and its neighbor, below or to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Crossing {
    row: usize,
    column: usize,
    is_down: bool,
}

/// The parts of the outline in the square between four centers, whose corners (from the top left one, clockwise) are above
/// the level or not: from one side to another, with what is above to the right.
fn steps_through(is_above: [bool; 4], sides: [Crossing; 4]) -> [Option<(Crossing, Crossing)>; 2] {
    // The outline enters the square through the side behind which, clockwise, the corner falls below, and leaves it through
    // the next one behind which a corner rises above. Side `n` lies between the corners `n` and `n + 1`.
    let mut steps = [None; 2];
    let mut n = 0;
    for enters in 0..4 {
        if is_above[enters] && !is_above[(enters + 1) % 4] {
            // Backwards, so that two corners above that face each other are apart.
            let leaves = (1..4).map(|step| (enters + 4 - step) % 4).find(|side| !is_above[*side]);
            if let (Some(leaves), Some(step)) = (leaves, steps.get_mut(n)) {
                *step = Some((sides[enters], sides[leaves]));
                n += 1;
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::polygon::{signed_area, simplify};

    fn square(left: f64, top: f64, side: f64) -> Vec<Point> {
        [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
            .map(|(x, y)| Point { x, y })
            .to_vec()
    }

    fn text(points: &[Point]) -> String {
        points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_agreed_area_comes_back() {
        let area = Raster::fill(&square(2.0, 4.0, 8.0), 1.0);
        let field = Field::balance(&[&area, &area], &[1.0, 0.5], 1).expect("a field");
        assert_eq!(field.n_above(0.0), 64);
        // Corners are cut by half a cell.
        let outline = field.outline(0.0);
        assert!((signed_area(&outline) - 63.5).abs() < 1e-9, "{}", text(&outline));
        assert_eq!(simplify(&outline, 0.6).len(), 4);
        assert_eq!(field.smoothed(1), field);
    }

    #[test]
    fn the_heavier_side_wins_and_ties_lie_between() {
        let (small, large) = (Raster::fill(&square(2.0, 2.0, 8.0), 1.0), Raster::fill(&square(0.0, 0.0, 12.0), 1.0));
        let n_above = |weights: [f64; 2], level: f64| {
            Field::balance(&[&small, &large], &weights, 1).expect("a field").n_above(level)
        };
        assert_eq!([n_above([2.0, 1.0], 0.0), n_above([1.0, 2.0], 0.0)], [64, 144]);
        assert_eq!([n_above([1.0, 1.0], 1e-9), n_above([1.0, 1.0], -1e-9)], [64, 144]);
    }

    #[test]
    fn the_level_is_met_between_centers() {
        let (small, large) = (Raster::fill(&square(4.0, 4.0, 8.0), 1.0), Raster::fill(&square(2.0, 2.0, 12.0), 1.0));
        let field = Field::balance(&[&small, &large], &[1.0, 1.0], 5).expect("a field").smoothed(2);
        // Halfway between the two squares, corners cut.
        let area = signed_area(&field.outline(0.0));
        assert!((88.0..=100.0).contains(&area), "{area}");
    }

    #[test]
    fn parts_that_touch_at_a_corner_are_apart() {
        let (small, large) = (Raster::fill(&square(0.0, 0.0, 2.0), 1.0), Raster::fill(&square(2.0, 2.0, 3.0), 1.0));
        let both = Raster::vote(&[&small, &large], 1);
        let outline = Field::balance(&[&both], &[1.0], 1).expect("a field").outline(0.0);
        assert!((signed_area(&outline) - 8.5).abs() < 1e-9, "{}", text(&outline));
        let other = Raster::fill(&square(3.0, -3.0, 3.0), 1.0);
        let crossed = Raster::vote(&[&other, &Raster::fill(&square(0.0, 0.0, 3.0), 1.0)], 1);
        let outline = Field::balance(&[&crossed], &[1.0], 1).expect("a field").outline(0.0);
        assert!((signed_area(&outline) - 8.5).abs() < 1e-9, "{}", text(&outline));
    }

    #[test]
    fn nothing_has_no_outline() {
        let empty = Raster::fill(&[], 1.0);
        assert_eq!(Field::balance(&[&empty], &[1.0], 1), None);
        assert_eq!(Field::balance(&[], &[], 1), None);
    }
}
