//! A job for a form with fields of known kinds: of our templates' elements, one form.

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::starters::Starter;
use super::{EXAMPLE_ACCOUNT, EXAMPLE_BUCKET, EXAMPLE_REGION, EXAMPLE_TEAM, TEMPLATE, private_team};
use super::{JobText, job_text};
use crate::files::document_file;
use crate::labeling_job::{CUSTOM, JobSpec, path};

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormField {
    pub(crate) name: String,
    /// The annotation kind of the form's field.
    pub(crate) kind: &'static str,
    /// What there is to choose from, for the kinds that choose.
    pub(crate) categories: Vec<String>,
}

/// A job that asks for some fields. What only its owner knows has example values, those of [`JobOfFields::TO_FILL_IN`].
#[derive(Debug)]
pub(crate) struct JobOfFields {
    /// The job, without a manifest.
    pub(crate) spec: JobSpec,
    /// The worker template, as HTML.
    pub(crate) template: String,
    /// The fields that have no template of ours or none that fits into a form with others, or a name that no template should
    /// hold.
    pub(crate) left_out: Vec<FormField>,
}

impl JobOfFields {
    /// The file that the job names as its template.
    pub(crate) const TEMPLATE: &'static str = TEMPLATE;

    /// The members that hold examples.
    pub(crate) const TO_FILL_IN: [&'static str; 4] =
        [path::S3_OUTPUT_PATH, path::ROLE_ARN, path::WORKTEAM_ARN, path::TASK_TITLE];

    /// A job for fields about files or texts; `None` where none of them can be asked for.
    ///
    /// # Errors
    /// A job that cannot be written, which no name or category leads to.
    pub(crate) fn new(
        name: &str,
        fields: &[FormField],
        is_of_files: bool,
        n_workers: u64,
    ) -> anyhow::Result<Option<Self>> {
        // The element of spans brings its own form.
        let fits = |field: &FormField| is_tame(&field.name) && (field.kind != "text-span" || fields.len() == 1);
        let starter_of = |field: &FormField| Starter::of_source(field.kind, is_of_files).filter(|_| fits(field));
        let (asked, left_out): (Vec<&FormField>, Vec<&FormField>) =
            fields.iter().partition(|field| starter_of(field).is_some());
        let starters: Vec<(&FormField, &'static Starter)> =
            asked.iter().filter_map(|field| Some((*field, starter_of(field)?))).collect();
        let Some((main, starter)) = starters.first() else { return Ok(None) };
        let mut categories: Vec<String> = Vec::new();
        for category in starters.iter().flat_map(|(field, _)| &field.categories) {
            if !categories.contains(category) {
                categories.push(category.clone());
            }
        }
        let text = job_text(&JobText {
            name,
            task_type: &CUSTOM,
            starter,
            field: &main.name,
            categories: &categories,
            region: EXAMPLE_REGION,
            account: EXAMPLE_ACCOUNT,
            bucket: EXAMPLE_BUCKET,
            role_arn: None,
            workteam_arn: &private_team(EXAMPLE_REGION, EXAMPLE_ACCOUNT, EXAMPLE_TEAM),
            manifest: None,
            is_rehearsed: false,
            n_workers: Some(n_workers),
        });
        let document =
            document_file::from_yaml(&text).map_err(anyhow::Error::msg).context("the job cannot be written")?;
        let mut spec = JobSpec::new(document);
        let plan = |(field, _): &(&FormField, &'static Starter)| {
            let mut of_field = Map::from_iter([("kind".to_owned(), json!(field.kind))]);
            if !field.categories.is_empty() {
                of_field.insert("categories".to_owned(), json!(field.categories));
            }
            (field.name.clone(), Value::Object(of_field))
        };
        // The template holds the labels of spans itself.
        spec.remove(path::GTRUTH_TASK_INPUT);
        spec.set(path::GTRUTH_PLAN, json!({"fields": starters.iter().map(plan).collect::<Map<_, _>>()}));
        let left_out = left_out.into_iter().cloned().collect();
        Ok(Some(Self { spec, template: template(&starters), left_out }))
    }
}

/// Whether a name can stand in a template as it is: it may have come from a worker's browser.
fn is_tame(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | ' '))
}

const OPEN: &str = "<crowd-form>";
const CLOSE: &str = "</crowd-form>";

/// The elements of all fields in one form. Each has the categories of its field as they are, since `task.input.labels` are
/// those of the whole job; scripts keep to themselves, and what they find by its id is numbered.
fn template(fields: &[(&FormField, &'static Starter)]) -> String {
    let of_field = |(number, (field, starter)): (usize, &(&FormField, &'static Starter))| {
        let text = starter.template.unwrap_or_default().replace("name=\"label\"", &format!("name=\"{}\"", field.name));
        let mut text = with_categories(&text, &field.categories);
        if fields.len() > 1 {
            for id in ["label", "items", "pair"] {
                text = text.replace(&format!("id=\"{id}\""), &format!("id=\"{id}-{number}\""));
                let found = |id: &str| format!("getElementById(\"{id}\")");
                text = text.replace(&found(id), &found(&format!("{id}-{number}")));
            }
        }
        text
    };
    let texts: Vec<String> = fields.iter().enumerate().map(of_field).collect();
    if let [only] = texts.as_slice() {
        return only.clone();
    }
    let (mut elements, mut scripts) = (String::new(), String::new());
    for text in &texts {
        let after_head = text.split_once("</script>\n\n").map_or(text.as_str(), |(_, rest)| rest);
        let (element, script) = match after_head.split_once(OPEN) {
            Some((_, rest)) => rest.split_once(CLOSE).unwrap_or((rest, "")),
            None => (after_head, ""),
        };
        elements.push_str(&format!("{}\n\n", element.trim_matches('\n')));
        scripts.push_str(&script.replace("<script>\n", "<script>{\n").replace("</script>", "}</script>"));
    }
    format!(
        "<!-- One form with the fields that were asked for before. Replace the questions by your own. -->\n\
         <script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>\n\n\
         {OPEN}\n{elements}{CLOSE}\n{scripts}"
    )
}

/// Puts categories where a template of ours reads them from the task.
fn with_categories(text: &str, categories: &[String]) -> String {
    let labels: Vec<Value> = categories.iter().map(|category| json!({ "label": category })).collect();
    let text = text
        .replace("{{ task.input.labels | to_json | escape }}", &harmless(&json!(categories).to_string()))
        .replace("{{ task.input.spanLabels | to_json | escape }}", &harmless(&json!(labels).to_string()));
    let Some((before, (step, after))) = text
        .split_once("{% for step in task.input.labels %}")
        .and_then(|(before, rest)| Some((before, rest.split_once("{% endfor %}")?)))
    else {
        return text;
    };
    let steps: String = categories.iter().map(|category| step.replace("{{ step }}", &harmless(category))).collect();
    format!("{before}{steps}{after}")
}

/// A text that means nothing but itself, to Liquid and to HTML: workers may have written it.
fn harmless(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ',' | ':' | '[' | ']');
    text.chars().map(|c| if is_plain(c) { c.to_string() } else { format!("&#{};", u32::from(c)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labeling_job::Evidence;

    fn field(name: &str, kind: &'static str) -> FormField {
        let categories = if name == "mood" { &["bad", "{{ x }}\"<"] } else { &["heron", "otter"] };
        FormField { name: name.to_owned(), kind, categories: categories.map(str::to_owned).to_vec() }
    }

    #[test]
    fn several_fields_share_one_form() {
        let fields = [
            field("animal", "classification"),
            field("first", "pairwise"),
            field("second", "pairwise"),
            field("order", "ranking"),
            field("mood", "ordinal"),
            field("clicks", "verbatim"),
            field("words", "text-span"),
            field("{{ x }}", "number"),
        ];
        let job = JobOfFields::new("river", &fields, true, 3).expect("a job").expect("fields");
        assert_eq!(
            job.left_out,
            [field("clicks", "verbatim"), field("words", "text-span"), field("{{ x }}", "number")]
        );
        let text = &job.template;
        for once in [
            "<crowd-form>",
            "</crowd-form>",
            "name=\"animal\"",
            "<crowd-image-classifier",
            "id=\"label-1\"",
            "id=\"label-2\"",
            "getElementById(\"items-3\")",
            "</crowd-image-classifier>",
        ] {
            assert_eq!(text.matches(once).count(), 1, "{once} in\n{text}");
        }
        assert_eq!(text.matches("<script>{\n").count(), text.matches("\n}</script>").count());
        assert_eq!(text.matches("<script>{\n").count(), 3);
        let plan = job.spec.get(path::GTRUTH_PLAN).expect("a plan");
        let mood = json!({"kind": "ordinal", "categories": ["bad", "{{ x }}\"<"]});
        assert_eq!(plan["fields"]["mood"], mood);
        assert_eq!(job.spec.get(path::GTRUTH_LABEL_CATEGORIES), Some(&json!(["heron", "otter", "bad", "{{ x }}\"<"])));
        let value = "value=\"&#123;&#123; x &#125;&#125;&#34;&#60;\"";
        assert!(text.contains(value) && text.contains("categories=\"[&#34;heron&#34;,&#34;otter&#34;]\""), "{text}");
        assert!(!text.contains("task.input.labels") && !text.contains("{{ x"), "{text}");
        let evidence = Evidence { template: Some(text), ..Evidence::of(&job.spec) };
        assert!(evidence.problems().iter().all(|problem| problem.rule != Some("U6")), "{:?}", evidence.problems());
    }

    #[test]
    fn one_field_has_the_template_of_its_kind() {
        let job = |kind, is_of_files| {
            let job = JobOfFields::new("river", &[field("f", kind)], is_of_files, 1).expect("a job");
            job.map(|job| job.template)
        };
        assert!(job("classification", false).is_some_and(|text| text.contains("<crowd-classifier\n    name=\"f\"")));
        assert!(
            job("classification", true).is_some_and(|text| text.contains("<crowd-image-classifier\n    name=\"f\""))
        );
        let spans = "labels=\"[&#123;&#34;label&#34;:&#34;heron&#34;&#125;,";
        assert!(job("text-span", false).is_some_and(|text| text.contains(spans)));
        assert_eq!(job("track", true), None);
    }
}
