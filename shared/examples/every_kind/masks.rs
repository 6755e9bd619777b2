//! Kinds that color pixels.

use std::error::Error;

use ground_truth::annotation_kinds::instance_mask::{self, InstanceMasks};
use ground_truth::annotation_kinds::semantic_mask::{self, SemanticMask};
use ground_truth::geometry::mask::{ImageSize, LabelMap};
use ground_truth::vocabulary::LabelCategory;

use crate::Line;
use crate::crowd::{Eye, answers, line};

/// A strip of twenty by ten pixels, half otter and half heron; workers miss the border between them.
fn halves(eye: &mut Eye) -> Result<LabelMap, Box<dyn Error>> {
    let border = (10.0 + eye.off(4.0)).round() as u32;
    let rows = (0..10).flat_map(|_| [(1, border), (2, 20 - border)]);
    Ok(LabelMap::from_runs(ImageSize::new(20, 10)?, rows)?)
}

fn names() -> [LabelCategory; 2] {
    ["otter", "heron"].map(LabelCategory::new)
}

pub(crate) fn semantic_mask() -> Result<Line, Box<dyn Error>> {
    let answers = answers(|_, eye| Ok(SemanticMask::new(halves(eye)?, names().to_vec())?))?;
    let consensus = semantic_mask::consolidate(&answers, &semantic_mask::Params::STANDARD);
    line("semantic-mask", &consensus, |_, label| {
        let class = |class: &semantic_mask::ClassLabel| format!("{} {} pixels", class.label, class.n_pixels);
        let text: Vec<String> = label.classes.iter().map(class).collect();
        (text.join(", "), label.classes.iter().all(|class| class.n_pixels == 100))
    })
}

pub(crate) fn instance_mask() -> Result<Line, Box<dyn Error>> {
    let answers = answers(|_, eye| Ok(InstanceMasks::new(halves(eye)?, names().map(Some).to_vec())?))?;
    let consensus = instance_mask::consolidate(&answers, &instance_mask::Params::STANDARD);
    line("instance-mask", &consensus, |_, label| {
        let areas: Vec<u32> = label.instances.iter().map(|instance| instance.mask.area()).collect();
        (format!("{} instances of {areas:?} pixels", areas.len()), areas == [100, 100])
    })
}
