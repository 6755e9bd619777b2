//! Tables for people: columns aligned by the width of their cells.

use comfy_table::{CellAlignment, Table, presets};

/// A table of plain columns, which survives a copy into a mail.
pub(crate) fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

/// Numbers stand under each other by their last digit.
pub(crate) fn align_right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}
