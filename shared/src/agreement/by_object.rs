//! Answers gathered by object, in time and memory linear in the answers.

use super::{ColumnsError, check_column};

/// One item per answer, those of one object side by side.
pub(super) struct ByObject<T> {
    /// Where the items of each object start, and at last where all end.
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T: Copy + Ord + Default> ByObject<T> {
    /// Gathers the item of each row under its object, sorted within the object.
    pub(super) fn gather(object_of: &[u32], n_objects: usize, item: impl Fn(usize) -> T) -> Result<Self, ColumnsError> {
        check_column("object", object_of, n_objects, object_of.len())?;
        let mut starts = vec![0; n_objects + 1];
        for object in object_of {
            starts[*object as usize + 1] += 1;
        }
        for object in 0..n_objects {
            starts[object + 1] += starts[object];
        }
        let mut next = starts.clone();
        let mut items = vec![T::default(); object_of.len()];
        for (row, object) in object_of.iter().enumerate() {
            let slot = &mut next[*object as usize];
            items[*slot] = item(row);
            *slot += 1;
        }
        for object in 0..n_objects {
            items[starts[object]..starts[object + 1]].sort_unstable();
        }
        Ok(Self { starts, items })
    }
}

impl<T> ByObject<T> {
    /// The items of one object; none for an object without answers.
    pub(super) fn rows_of(&self, object: usize) -> &[T] {
        &self.items[self.starts[object]..self.starts[object + 1]]
    }

    /// The items of each object.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[T]> {
        self.starts.windows(2).map(|ends| &self.items[ends[0]..ends[1]])
    }
}
