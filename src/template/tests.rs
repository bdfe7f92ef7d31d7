//! What templates promise to those who write them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::model::{Expression, Template};

#[derive(Debug)]
struct Succeeded;

impl NodeStates for Succeeded {
    fn state(&self, node: &str) -> Option<&'static str> {
        (node == "rollback").then_some("succeeded")
    }
}

fn map(value: Value) -> Arc<serde_json::Map<String, Value>> {
    Arc::new(value.as_object().cloned().unwrap_or_default())
}

fn scope() -> Scope {
    Scope {
        parameters: map(json!({
            "tag": "v1", "hostile": "$(x)'\"", "empty": "", "yes": true, "ratio": 1.5, "count": 3, "nothing": null,
            "hosts": ["web1", "two words"], "table": {"a": 1}, "none_of_them": [], "nul": "a\0b", "mark": "a\u{fdd2}b",
            "equation": "A=b", "keyword": "if",
        })),
        answers: map(json!({"last_deploy": "no", "sure": true})),
        outputs: map(json!({"rollback": {"release": 7}})),
        states: Some(Arc::new(Succeeded)),
        run: map(json!({"id": "r1"})),
        record: Some(Arc::new(Once::default())),
    }
}

/// A record that is told once: with what a command may have printed in it.
#[derive(Debug, Default)]
struct Once(AtomicBool);

impl RunRecord for Once {
    fn told(&self, name: &str) -> Option<Value> {
        let is_new = !self.0.swap(true, Ordering::Relaxed);
        (name == "timeline" && is_new).then(|| json!([{"at": "t", "what": "a\0b\u{fdd2}c"}]))
    }
}

fn plain(source: &str) -> Result<String, TemplateError> {
    render(&Template::from(source), &scope())
}

fn script(source: &str) -> Result<String, TemplateError> {
    render_script(&Template::from(source), &scope())
}

fn holds(source: &str) -> Result<bool, TemplateError> {
    evaluate(&Expression::from(source), &scope())
}

fn said<T>(result: Result<T, TemplateError>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "no error".to_owned())
}

#[test]
fn values_read_as_people_write_them() {
    let text = plain("{{ tag }} {{ yes }} {{ ratio }} {{ count }} {{ hosts }} {{ table }}").unwrap();
    assert_eq!(text, r#"v1 true 1.5 3 ["web1","two words"] {"a":1}"#);
    assert_eq!(
        plain("{{ hostile }} & <{{ tag | raw }}>").unwrap(),
        "$(x)'\" & <v1>"
    );
}

#[test]
fn names_are_found_where_they_belong() {
    assert_eq!(
        plain(
            "{{ answers.last_deploy }} {{ outputs.rollback.release }} {{ nodes.rollback.state }} {{ run.id }}"
        )
        .unwrap(),
        "no 7 succeeded r1"
    );
    assert_eq!(
        plain("{% for id in answers %}{{ id }} {% endfor %}").unwrap(),
        "last_deploy sure "
    );
}

#[test]
fn what_is_missing_is_an_error_and_default_is_the_fix() {
    assert_eq!(
        said(plain("x\n{{ answers.other }}")),
        "`answers.other` is undefined (line 2)"
    );
    assert_eq!(
        said(plain("{{ outputs.other.release }}")),
        "`outputs.other.release` is undefined"
    );
    assert_eq!(
        plain("{{ outputs.other.release | default(\"-\") }}").unwrap(),
        "-"
    );
    assert!(said(plain("{{ nothing }}")).contains("null"));
    assert_eq!(plain("{{ nothing | default(\"-\", true) }}").unwrap(), "-");
    assert!(said(plain("{{ nul }}")).contains("NUL"));
}

#[test]
fn a_template_keeps_its_last_newline() {
    assert_eq!(plain("{{ tag }}\n").unwrap(), "v1\n");
    assert_eq!(plain("no template\n").unwrap(), "no template\n");
}

#[test]
fn an_expression_is_true_or_false_or_an_error() {
    assert_eq!(holds("answers.sure and tag == 'v1'"), Ok(true));
    assert_eq!(holds("answers.last_deploy == 'yes'"), Ok(false));
    assert_eq!(
        said(holds("answers.last_deploy")),
        "must be true or false, and is a string"
    );
    assert_eq!(said(holds("count")), "must be true or false, and is a number");
    assert_eq!(
        said(holds("answers.sure and answers.other")),
        "`answers.other` is undefined"
    );
    assert_eq!(holds("answers.other | default('') == 'x'"), Ok(false));
    assert_eq!(
        holds("answers.other is defined and answers.other == 'x'"),
        Ok(false)
    );
    assert!(matches!(holds("tag =="), Err(TemplateError::Syntax { .. })));
}

#[test]
fn what_is_missing_is_neither_equal_nor_different() {
    for source in [
        "answers.other == 'x'",
        "answers.other != 'x'",
        "answers.other in ['x']",
    ] {
        assert_eq!(said(holds(source)), "`answers.other` is undefined");
    }
    assert_eq!(
        said(holds("outputs.other.release != 'x'")),
        "`outputs.other.release` is undefined"
    );
    assert_eq!(
        said(plain("{% if answers.other != 'x' %}y{% endif %}")),
        "`answers.other` is undefined"
    );
    assert_eq!(
        said(script("{% if run.other != 'x' %}y{% endif %}")),
        "`run.other` is undefined"
    );
}

#[test]
fn endless_work_is_stopped() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    assert_eq!(plain(endless), Err(TemplateError::TooMuch));
}

#[test]
fn a_script_gets_its_values_as_data() {
    for (source, expected) in [
        ("echo {{ hostile }}", r#"echo '$(x)'\''"'"#),
        ("echo \"{{ hostile }}\"", r#"echo "\$(x)'\"""#),
        ("echo '{{ hostile }}'", r#"echo '$(x)'\''"'"#),
        ("echo \"$(cat {{ hostile }})\"", r#"echo "$(cat '$(x)'\''"')""#),
        ("echo --tag={{ tag }} a{{ count }}b", "echo --tag=v1 a3b"),
        ("echo {{ empty }} \"{{ empty }}\"", "echo '' \"\""),
        (
            "echo {{ hosts }}; {{ hosts }}",
            "echo web1 'two words'; 'web1' 'two words'",
        ),
        ("echo {{ none_of_them }}.", "echo ."),
        (
            "echo {{ tag if not yes }} {{ yes }} {{ ratio }}",
            "echo  true 1.5",
        ),
        ("{{ tag }} {{ tag }}", "'v1' v1"),
        ("then {{ keyword }}", "then 'if'"),
        ("A=1 {{ equation }} {{ equation }}", "A=1 'A=b' 'A=b'"),
        ("echo {{ count }}>f", "echo '3'>f"),
        (
            "echo ~{{ tag }} $V{{ tag }} {a,{{ tag }}}",
            "echo ~'v1' $V'v1' {a,'v1'}",
        ),
        ("echo \"$V{{ tag }}\"", "echo \"$V\"\"v1\""),
        (
            "echo {{ 'a b' }} {{ hosts | join(',') }}",
            "echo 'a b' 'web1,two words'",
        ),
        ("cat <<<{{ hostile }}", r#"cat <<<'$(x)'\''"'"#),
        ("x=${Y:-1} # it's\necho {{ tag }}", "x=${Y:-1} # it's\necho v1"),
        (
            "case {{ tag }} in v*) echo {{ tag }};; esac",
            "case 'v1' in v*) echo v1;; esac",
        ),
        ("echo {{ 'a | b' | raw }}", "echo a | b"),
    ] {
        assert_eq!(script(source).unwrap(), expected, "{source}");
    }
}

#[test]
fn whatever_makes_a_value_it_is_written_as_data() {
    for (source, expected) in [
        ("echo {{ hostile | safe }}", r#"echo '$(x)'\''"'"#),
        ("echo {{ table | tojson }}", r#"echo '{"a": 1}'"#),
        (
            "{% autoescape true %}echo {{ hostile | safe }}{% endautoescape %}",
            r#"echo '$(x)'\''"'"#,
        ),
        (
            "{% set x %}-{{ hostile }}-{{ empty }}{% endset %}echo {{ x }}",
            r#"echo '-$(x)'\''"-'"#,
        ),
        (
            "{% macro m(x) %}{{ x }};{% endmacro %}echo {{ m(tag) }}",
            "echo 'v1;'",
        ),
        ("echo {% filter upper %}{{ tag }};{% endfilter %}", "echo 'V1;'"),
        (
            "{% macro m() %}<{{ caller() }}>{% endmacro %}echo {% call m() %}{{ tag }}{% endcall %}",
            "echo '<v1>'",
        ),
        ("echo {{ tag ~ ';' ~ hostile }}", r#"echo 'v1;$(x)'\''"'"#),
        (
            "echo {% block b %}{{ hostile }}{% endblock %}",
            r#"echo '$(x)'\''"'"#,
        ),
        (
            "{% for h in hosts %}echo {{ h }};{% endfor %}",
            "echo web1;echo 'two words';",
        ),
    ] {
        assert_eq!(script(source).unwrap(), expected, "{source}");
    }
}

#[test]
fn what_cannot_be_one_word_is_refused() {
    for (source, message) in [
        ("echo {{ table }}", "a map"),
        ("echo {{ [hosts] }}", "a list of lists"),
        ("echo {{ nothing }}", "null"),
        ("echo {{ nul }}", "NUL"),
        ("echo {{ mark }}", "non-character"),
        ("echo {{ hosts }}x", "is a list"),
        ("echo \"{{ hosts }}\"", "is a list"),
        ("echo > {{ hosts }}", "is a list"),
        ("{% set x %}{{ hosts }}{% endset %}echo {{ x }}", "not by a macro"),
        ("echo {{ tag | raw | upper }}", "`raw` must be the last"),
        ("echo {{ (tag | raw) ~ 'x' }}", "`raw` must be the last"),
        ("echo {{ [tag | raw] }}", "only a text"),
        (
            "{% set x %}{{ tag | raw }}{% endset %}echo {{ x }}",
            "`raw` must be the last",
        ),
        ("{{ debug() }}", "no function `debug`"),
        ("{% include 'x' %}", "x"),
    ] {
        let said = said(script(source));
        assert!(said.contains(message), "{source}: {said}");
    }
}

#[test]
fn places_without_a_safe_escape_are_refused_with_and_without_values() {
    for (source, place) in [
        ("echo `echo {{ tag }}`", "back-ticks"),
        ("echo \"`echo {{ tag }}`\"", "back-ticks"),
        ("echo $(( {{ tag }} ))", "arithmetic"),
        ("echo \"$(({{ tag }}))\"", "arithmetic"),
        ("(( {{ tag }} ))", "arithmetic"),
        ("echo ${x:-{{ tag }}}", "`${ }`"),
        ("echo ${x:-\"{{ tag }}\"}", "`${ }`"),
        ("cat <<E\n{{ tag }}\nE", "here-document"),
        ("cat <<{{ tag }}", "here-document"),
        ("echo # {{ tag }}", "comment"),
        ("echo $'{{ tag }}'", "`$'…'`"),
        ("echo $\"{{ tag }}\"", "`$\"…\"`"),
        ("echo \\{{ tag }}", "backslash"),
        ("echo \"\\{{ tag }}\"", "backslash"),
        ("echo ${{ tag }}", "right after a `$`"),
        ("echo \"${{ tag }}\"", "right after a `$`"),
        ("[[ {{ tag }} -eq 1 ]]", "`[[ … ]]`"),
        ("[[ ( {{ tag }} -eq 1 ) ]]", "`[[ … ]]`"),
        ("a[{{ tag }}]=1", "subscript"),
        ("a=([{{ tag }}]=1)", "subscript"),
        ("echo >&{{ tag }}", "`>&`"),
        ("echo 2>& {{ tag }}", "`>&`"),
        ("x=\"$(case a in a) echo {{ tag }};; esac)\"", "`case`"),
    ] {
        for found in [
            said(script(source)),
            said(Text::Script(&Template::from(source)).examine().0),
        ] {
            assert!(
                found.contains(place) && found.contains("{{ tag }}"),
                "{source}: {found}"
            );
        }
    }
    let error = script("one\n# {{ tag }}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`{{ tag }}` stands in a comment, where no value is safe (line 2)"
    );
    assert_eq!(error.help().unwrap(), "take it out of the comment");
}

#[test]
fn every_branch_is_examined() {
    for source in [
        "{% if a %}{% else %}# {% endif %}{{ b }}",
        "{% if a == 'x' %}echo{% elif b %}echo \\{{ c }}{% endif %}",
        "{% for x in y %}echo {{ x }} '{% endfor %}{% for x in y %}`{{ x }}{% endfor %}",
        "{% if a %}\"{% endif %}{{ b }}{% if a %}\"{% endif %} # {{ c }}",
    ] {
        let found = Text::Script(&Template::from(source)).examine().0;
        assert!(
            matches!(found, Err(TemplateError::Unsafe { .. })),
            "{source}: {found:?}"
        );
    }
    for (source, name) in [
        ("{% if a %}{{ b | uper }}{% endif %}", "no filter `uper`"),
        ("{% if a is nothere %}{% endif %}", "no test `nothere`"),
        ("{{ 1 if a is not nothere }}", "no test `nothere`"),
        ("{% filter nothere %}{% endfilter %}", "no filter `nothere`"),
    ] {
        let found = said(Text::Plain(&Template::from(source)).examine().0);
        assert!(found.contains(name), "{source}: {found}");
    }
    assert_eq!(
        Text::Plain(&Template::from(
            "{{ a.is | upper }} {{ '| x' | replace('is y', '') }}"
        ))
        .examine()
        .0,
        Ok(())
    );
    assert!(
        Text::Expression(&Expression::from("a | uper == 'X'"))
            .examine()
            .0
            .is_err()
    );
    assert_eq!(
        Text::Expression(&Expression::from("a is defined and b is not none"))
            .examine()
            .0,
        Ok(())
    );
}

#[test]
fn the_names_of_a_template_are_those_it_does_not_define() {
    let names = |source: &str| -> Vec<String> {
        names(&Template::from(source))
            .unwrap()
            .iter()
            .map(|path| path.join("."))
            .collect()
    };
    assert_eq!(
        names("{{ tag }}{% for x in range(3) %}{{ x }}{{ answers.a }}{{ answers.a }}{% endfor %}"),
        ["answers.a", "tag"]
    );
    let expression = Expression::from("outputs.a.b == tag");
    assert_eq!(
        Text::Expression(&expression).names().unwrap(),
        [vec!["outputs", "a", "b"], vec!["tag"]]
    );
}

#[test]
fn what_is_on_record_is_asked_for_once_and_stops_no_note() {
    let twice = "{{ run.timeline | length }} {% for entry in run.timeline %}{{ entry.what }}{% endfor %}";
    assert_eq!(plain(twice).unwrap(), "1 a\u{fffd}b\u{fffd}c");
    assert_eq!(plain("{{ run.id }}").unwrap(), "r1");
    let error = plain("{{ run.timelin }}").unwrap_err();
    assert_eq!(error.to_string(), "`run.timelin` is undefined");
    assert_eq!(plain("{{ run.timelin | default('-') }}").unwrap(), "-");
}
