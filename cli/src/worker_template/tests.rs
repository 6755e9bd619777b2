use serde_json::json;

use super::*;

fn try_render(template: &str, task_input: Value) -> Result<Page, Vec<Fault>> {
    let grants = BTreeMap::from([("s3://b/a b.png".to_owned(), "https://host/a?x=1&y=2".to_owned())]);
    let task_input = task_input.as_object().expect("an object").clone();
    render(&Request { template: template.to_owned(), task_input, grants })
}

fn page(template: &str, task_input: Value) -> Page {
    try_render(template, task_input).unwrap_or_else(|faults| panic!("{template}: {faults:?}"))
}

fn check(template: &str, task_input: Value, expected: &str) {
    let page = page(template, task_input);
    assert_eq!((page.html.as_str(), page.warnings.as_slice()), (expected, [].as_slice()), "{template}");
}

fn faults(template: &str) -> String {
    let faults = try_render(template, json!({})).expect_err(template);
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_written_is_escaped_unless_a_filter_says_otherwise() {
    let input = || json!({"x": "<b> & \"c\" 'd'"});
    check("{{ task.input.x }}", input(), "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
    check("{{ task.input.x | upcase }}", input(), "&lt;B&gt; &amp; &quot;C&quot; &#39;D&#39;");
    check("{{ task.input.x | skip_autoescape }}", input(), "<b> & \"c\" 'd'");
    check("{{ task.input.x | escape }}", input(), "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
    check("{{ '&lt; <' | escape_once }}", input(), "&lt; &lt;");
    check("{{ \"}}\" }}{{ '{{ | escape' }}", input(), "}}{{ | escape");
    check("{% raw %}{{ task.input.x }}{% endraw %}", input(), "{{ task.input.x }}");
    check("a{% comment %} {{ x | nonsense }} {% endcomment %}b", input(), "ab");
    check("a {{- task.input.y | default: 'z' -}} b", json!({"y": ""}), "azb");
}

#[test]
fn captured_text_is_not_escaped_twice() {
    let input = || json!({"x": "it's"});
    check("{% capture c %}<i>{{ task.input.x }}</i>{% endcapture %}{{ c }}", input(), "<i>it&#39;s</i>");
    check("{% capture c %}x{% endcapture %}{% assign c = '<' %}{{ c }}", input(), "&lt;");
}

#[test]
fn json_keeps_order_and_digits_and_stays_in_its_attribute() {
    let text = r#"{"b":[1.50,1e400,123456789012345678901],"a":{"z":"it's <b> & \"c\"","y":null}}"#;
    let input: Value = serde_json::from_str(text).expect("JSON");
    let written = text.replace("1e400", "1e+400").replace('\'', "\\u0027").replace('<', "\\u003c");
    let written = written.replace('>', "\\u003e").replace('&', "\\u0026");
    check("{{ task.input | to_json }}", input.clone(), &written);
    check("{% for n in task.input.b %}{{ n }} {% endfor %}", input.clone(), "1.50 1e+400 123456789012345678901 ");
    check("{% for pair in task.input.a %}{{ pair[0] }}={{ pair[1] | to_json }} {% endfor %}", input, {
        "z=\"it\\u0027s \\u003cb\\u003e \\u0026 \\\"c\\\"\" y=null "
    });
}

#[test]
fn names_may_have_hyphens_and_be_looked_up() {
    let input =
        || json!({"job-1": {"class-map": {"0": "otter", "1": "heron"}, "boxes": [{"class_id": 1}, {"class_id": 0}]}});
    check("{{ task.input.job-1.class-map['0'] }}", input(), "otter");
    check("{{ task.input['job-1'].boxes.size }}{{ task.input.job-1.boxes.first.class_id }}", input(), "21");
    let template = "{% for box in task.input.job-1.boxes %}{% capture id %}{{ box.class_id }}{% endcapture %}\
                    {{ forloop.index }}/{{ forloop.length }} {{ task.input.job-1.class-map[id] }};{% endfor %}";
    check(template, input(), "1/2 heron;2/2 otter;");
}

#[test]
fn conditions_and_cases_decide() {
    let input = || json!({"n": 3, "kind": "b", "no": false});
    check("{% if task.input.n > 2 and task.input.absent == nil %}y{% else %}n{% endif %}", input(), "y");
    check("{% if task.input.absent %}y{% elsif task.input.no %}z{% else %}n{% endif %}", input(), "n");
    check("{% unless task.input.no %}y{% endunless %}", input(), "y");
    check("{% case task.input.kind %}{% when 'a' %}1{% when 'b' %}2{% endcase %}", input(), "2");
}

#[test]
fn loops_count_and_can_be_left() {
    check("{% for i in (1..5) limit: 3 offset: 1 reversed %}{{ i }}{% endfor %}", json!({}), "432");
    check("{% for i in (1..9) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", json!({}), "12");
    check("{% for i in (1..3) %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", json!({}), "13");
    check("{% for i in task.input.none %}x{% else %}empty{% endfor %}", json!({"none": []}), "empty");
    check("{% for i in (3..1) %}x{% endfor %}", json!({}), "");
    check(
        "{% for a in (1..2) %}{% for b in (1..2) %}{{ a }}{{ b }} {% endfor %}{% endfor %}",
        json!({}),
        "11 12 21 22 ",
    );
}

#[test]
fn access_is_granted_to_what_was_asked_for() {
    let granted = page("{{ task.input.x | grant_read_access }}", json!({"x": "s3://b/a b.png"}));
    assert_eq!((granted.html.as_str(), granted.not_granted.len()), ("https://host/a?x=1&amp;y=2", 0));
    let other = page("{{ 's3://b/' | append: task.input.x | grant_read_access }}", json!({"x": "c.png"}));
    assert_eq!((other.html.as_str(), other.not_granted), ("s3://b/c.png", vec!["s3://b/c.png".to_owned()]));
}

#[test]
fn what_is_not_there_writes_nothing_and_is_told_with_its_line() {
    let warned = |template: &str, expected: &[&str]| {
        let page = page(template, json!({"boxes": [{"left": 1}], "text": "x"}));
        let warnings: Vec<String> = page.warnings.iter().map(Fault::to_string).collect();
        assert_eq!(
            (page.html.replace('\n', "").as_str(), warnings.len()),
            ("", expected.len()),
            "{template}: {warnings:?}"
        );
        for (warning, expected) in warnings.iter().zip(expected) {
            assert!(warning.starts_with(expected), "{warning}");
        }
    };
    warned(
        "\n{{ task.input.labels }}\n{{ task.inputs }}",
        &["line 2: `task.input.labels` is not", "line 3: `task.inputs`"],
    );
    warned("{{ labels }}", &["line 1: `labels` is not"]);
    warned("{% for b in task.input.boxes %}\n{{ b.top }}{% endfor %}", &["line 2: `task.input.boxes[0].top`"]);
    warned("\n{% for b in task.input.bixes %}x{% endfor %}", &["line 2: `task.input.bixes`"]);
    warned("{{ task.input.text.length }}", &["line 1: `task.input.text.length` is not there"]);
    warned("{% if task.input.labels %}x{% endif %}", &[]);
}

#[test]
fn mistakes_are_told_with_line_and_remedy() {
    assert_eq!(faults("a\n{{ x "), "line 2: `{{` is never closed; add `}}`");
    assert_eq!(faults("{% if x"), "line 1: `{%` is never closed; add `%}`");
    assert_eq!(faults("{{{ x }}}"), "line 1: `{{{` has a brace too many; write `{{ name }}`");
    assert_eq!(faults("{{ }}"), "line 1: `{{ }}` is empty; name what is to be written, or remove it");
    assert_eq!(
        faults("{{ x | to_jsn }}\n{% fro i in x %}"),
        "line 1: unknown filter `to_jsn`; did you mean `to_json`?\nline 2: unknown tag `fro`; did you mean `for`?"
    );
    assert_eq!(faults("{% for i in x %}\n"), "line 1: `{% for %}` is never closed; add `{% endfor %}`");
    assert_eq!(faults("{% comment %} {{ x"), "line 1: `{% comment %}` is never closed; add `{% endcomment %}`");
    assert_eq!(
        faults("{% if x %}{% for i in x %}{% endif %}"),
        "line 1: `{% endif %}` ends a block while `{% for %}` of line 1 is open; add `{% endfor %}` before it\n\
         line 1: `{% if %}` is never closed; add `{% endif %}`"
    );
    assert_eq!(faults("{% endif %}"), "line 1: `{% endif %}` closes nothing; remove it");
    assert_eq!(faults("{% when 1 %}"), "line 1: `{% when %}` stands alone; put it into `{% case %}`");
    let own = faults("{% output_of_line 1 x %}");
    assert!(own.starts_with("line 1: unknown tag `output_of_line`; known are assign, "), "{own}");
    assert!(faults("\n{{ x y }}").starts_with("line 2: "), "{}", faults("\n{{ x y }}"));
    assert!(
        faults("\n{% for x on y %}{% endfor %}").starts_with("line 2: "),
        "{}",
        faults("\n{% for x on y %}{% endfor %}")
    );
}

#[test]
fn costs_are_bounded() {
    assert_eq!(
        faults("\n{% for i in (1..100000000000) %}x{% endfor %}"),
        "line 2: the loops of the template run more than 1000000 times together; let them run less often"
    );
    let nested = "{% for i in (1..2000) %}{% for j in (1..2000) %}{% endfor %}{% endfor %}";
    assert_eq!(
        faults(nested),
        "line 1: the loops of the template run more than 1000000 times together; let them run less often"
    );
    let long = format!("{{% for i in (1..1000) %}}{}{{% endfor %}}", "x".repeat(10_000));
    assert_eq!(faults(&long), "the page would have more than 8388608 bytes; look for loops that write much");
    assert_eq!(
        faults(&"é".repeat(128_001)),
        "the template has 128001 characters, and may have 128000; let it hold less; scripts and styles can be files of their own"
    );
    let task_input = json!({"x": "x".repeat(128_000)});
    let faults = try_render("", task_input).expect_err("too long");
    assert!(faults[0].message.starts_with("the task input has"), "{faults:?}");
}
