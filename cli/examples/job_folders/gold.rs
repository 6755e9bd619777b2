//! The gold of a set as `gtruth workers --gold` reads it: as a worker would answer.

use std::path::Path;

use serde_json::{Value, json};

use crate::sets::{Data, Failure};
use crate::{LABEL, masks, write};

/// Writes a set's gold as a manifest; false where what is known is not about the objects.
pub(crate) fn write_manifest(data: &Data, set: &str, path: &Path) -> Result<bool, Failure> {
    let mut manifest = String::new();
    for (object, answer) in answers(data, set)? {
        manifest += &format!("{}\n", json!({"source": object, LABEL: answer}));
    }
    if manifest.is_empty() {
        return Ok(false);
    }
    write(path, &manifest)?;
    Ok(true)
}

fn answers(data: &Data, set: &str) -> Result<Vec<(String, Value)>, Failure> {
    let folder = data.path.join(set);
    if folder.join("gold.csv").is_file() {
        // Of comparisons the scores of the items are known, and not who wins a comparison.
        let header = std::fs::read_to_string(folder.join("gold.csv"))?;
        if header.starts_with("item") {
            return Ok(Vec::new());
        }
        return Ok(data.gold_column(set)?.into_iter().map(|(object, truth)| (object, json!(truth))).collect());
    }
    if !folder.join("gold.jsonl").is_file() {
        return Ok(Vec::new());
    }
    let gold = data.gold(set)?.into_iter();
    gold.map(|(object, row)| Ok((object, answer(data, set, row)?))).collect()
}

fn answer(data: &Data, set: &str, mut row: Value) -> Result<Value, Failure> {
    if let Some(labels) = row["labels"].as_object() {
        let chosen: Vec<&String> = labels.iter().filter(|(_, holds)| **holds == 1).map(|(name, _)| name).collect();
        return Ok(json!({ "labels": chosen }));
    }
    if row.get("boxes").is_some() {
        let size = json!({"width": row["image_width"], "height": row["image_height"]});
        return Ok(json!({"boundingBoxes": row["boxes"], "inputImageProperties": size}));
    }
    for member in ["entities", "polygons", "polylines", "cuboids", "frames", "ranking", "keypoints"] {
        if row.get(member).is_some() {
            return Ok(json!({ member: row[member].take() }));
        }
    }
    let classes: Vec<String> = data.categories(set)?.iter().map(|class| class.as_str().to_owned()).collect();
    Ok(masks::drawn(&masks::label_map(&row)?, &classes))
}
