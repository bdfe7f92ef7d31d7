use std::ffi::OsStr;
use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::adapter::process::Environment;

/// How long a span waits for others, unless somebody says otherwise.
const EVERY: Duration = Duration::from_secs(5);
/// The service that spans are of, unless somebody calls it otherwise.
const SERVICE: &str = "switchback";

/// Where spans go, and what is said with all of them, by the variables of OpenTelemetry:
/// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// The address that takes them.
    pub endpoint: String,
    /// What is sent with each request; there can be secrets among them.
    pub headers: Vec<(String, String)>,
    /// What describes the program that the spans are of.
    pub resource: Vec<(String, String)>,
    /// How long a span that has ended may wait for others to go with it.
    pub every: Duration,
}

impl Target {
    /// As the environment says; none where it names no address or wants none.
    pub fn of(environment: &Environment) -> Option<Self> {
        let text = |name: &str| {
            let value = environment.get(OsStr::new(name))?.to_str()?.trim();
            (!value.is_empty()).then_some(value)
        };
        let is_disabled = text("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let wants_others =
            text("OTEL_TRACES_EXPORTER").is_some_and(|all| all.split(',').all(|one| one.trim() != "otlp"));
        if is_disabled || wants_others {
            return None;
        }
        let endpoint = match text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            Some(endpoint) => endpoint.to_owned(),
            None => {
                let base = text("OTEL_EXPORTER_OTLP_ENDPOINT")?;
                format!("{}/v1/traces", base.trim_end_matches('/'))
            }
        };
        let headers =
            text("OTEL_EXPORTER_OTLP_TRACES_HEADERS").or_else(|| text("OTEL_EXPORTER_OTLP_HEADERS"));
        let mut resource = pairs(text("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default());
        match text("OTEL_SERVICE_NAME") {
            Some(name) => {
                resource.retain(|(key, _)| key != "service.name");
                resource.push(("service.name".to_owned(), name.to_owned()));
            }
            None if resource.iter().any(|(key, _)| key == "service.name") => {}
            None => resource.push(("service.name".to_owned(), SERVICE.to_owned())),
        }
        Some(Self {
            endpoint,
            headers: pairs(headers.unwrap_or_default()),
            resource,
            every: text("OTEL_BSP_SCHEDULE_DELAY")
                .and_then(|delay| delay.parse().ok())
                .map_or(EVERY, Duration::from_millis),
        })
    }
}

/// Without what may be secret.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").finish_non_exhaustive()
    }
}

/// `name=value,name=value`, each percent-encoded. What is none is passed over, as OpenTelemetry has it.
fn pairs(list: &str) -> Vec<(String, String)> {
    let pairs = list.split(',').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let decoded = |text: &str| {
            let text = percent_decode_str(text.trim()).decode_utf8();
            text.ok().map(|text| text.into_owned())
        };
        Some((decoded(name)?, decoded(value)?)).filter(|(name, _)| !name.is_empty())
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<Target> {
        let environment = variables.iter();
        Target::of(
            &environment
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        )
    }

    const BASE: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/");

    #[test]
    fn without_an_address_nothing_is_exported() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), None);
        assert_eq!(of(&[BASE, ("OTEL_SDK_DISABLED", "True")]), None);
        assert_eq!(of(&[BASE, ("OTEL_TRACES_EXPORTER", "none")]), None);
        assert!(
            of(&[
                BASE,
                ("OTEL_SDK_DISABLED", "no"),
                ("OTEL_TRACES_EXPORTER", "console, otlp")
            ])
            .is_some()
        );
    }

    #[test]
    fn the_address_of_traces_stands_as_it_is_and_goes_first() {
        assert_eq!(of(&[BASE]).unwrap().endpoint, "http://localhost:4318/v1/traces");
        let both = of(&[
            BASE,
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://in.example/otlp/"),
        ]);
        assert_eq!(both.unwrap().endpoint, "https://in.example/otlp/");
    }

    #[test]
    fn headers_are_decoded() {
        let target = of(&[
            BASE,
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                "Authorization=Bearer%20a%3Db, x = y=z ,none,=x",
            ),
        ]);
        let expected = [("Authorization", "Bearer a=b"), ("x", "y=z")];
        assert_eq!(
            target.unwrap().headers,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        let others = [
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=b"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "c=d"),
            BASE,
        ];
        assert_eq!(of(&others).unwrap().headers, [("c".to_owned(), "d".to_owned())]);
    }

    #[test]
    fn the_service_has_a_name() {
        let name = |variables: &[(&str, &str)]| {
            let resource = of(&[variables, &[BASE]].concat()).unwrap().resource;
            let mut names = resource.into_iter().filter(|(key, _)| key == "service.name");
            (names.next().unwrap().1, names.next())
        };
        let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=ops,team=sre");
        assert_eq!(name(&[]), ("switchback".to_owned(), None));
        assert_eq!(name(&[attributes]), ("ops".to_owned(), None));
        assert_eq!(
            name(&[attributes, ("OTEL_SERVICE_NAME", "rollbacks")]),
            ("rollbacks".to_owned(), None)
        );
    }
}
