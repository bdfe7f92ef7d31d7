use inquire::error::CustomUserError;
use inquire::list_option::ListOption;
use inquire::ui::{Attributes, Color, ErrorMessageRenderConfig, RenderConfig, StyleSheet, Styled};
use inquire::validator::Validation;
use inquire::{InquireError, Select, Text};

use crate::adapter::reporter::{Screen, harmless};

use super::prompts::{Choose, Heard, Offer, Prompts, Type, Unsaid, likely};

/// How many options stand under a prompt at once: with help and header they fit 24 lines.
const PAGE: usize = 10;

/// Prompts at a terminal, on standard error.
#[derive(Debug)]
pub(super) struct Keyboard {
    screen: Screen,
}

impl Keyboard {
    /// Prompts on a screen.
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen }
    }

    fn looks(&self, depth: usize) -> RenderConfig<'static> {
        let style = self.screen.style();
        let colour = |text: &'static str, colour| {
            let token = Styled::new(text);
            if style.colour {
                token.with_fg(colour)
            } else {
                token
            }
        };
        let faint = StyleSheet::new();
        let faint = if style.colour {
            faint.with_fg(Color::DarkGrey)
        } else {
            faint
        };
        let strong = StyleSheet::new();
        let strong = if style.colour {
            strong.with_attr(Attributes::BOLD)
        } else {
            strong
        };
        let said = StyleSheet::new();
        let said = if style.colour {
            said.with_fg(Color::DarkCyan)
        } else {
            said
        };
        let (asks, answered, arrow) = match (style.unicode, depth) {
            (true, 0) => ("?", "›", "❯"),
            (true, _) => ("  ?", "  ›", "  ❯"),
            (false, 0) => ("?", ">", ">"),
            (false, _) => ("  ?", "  >", "  >"),
        };
        let plain = if depth == 0 { " " } else { "   " };
        let mut looks = RenderConfig::empty()
            .with_prompt_prefix(colour(asks, Color::DarkCyan))
            .with_answered_prompt_prefix(colour(answered, Color::DarkCyan))
            .with_highlighted_option_prefix(colour(arrow, Color::DarkCyan))
            .with_selected_option(Some(said))
            .with_answer(said)
            .with_help_message(faint)
            .with_default_value(faint)
            .with_canceled_prompt_indicator(Styled::new("later").with_style_sheet(faint))
            .with_error_message(
                ErrorMessageRenderConfig::empty()
                    .with_prefix(colour(if depth == 0 { "!" } else { "  !" }, Color::DarkRed)),
            );
        looks.prompt = strong;
        looks.unhighlighted_option_prefix = Styled::new(plain);
        looks
    }
}

impl Prompts for Keyboard {
    fn choose(&mut self, prompt: &Choose<'_>) -> Heard<usize> {
        let offers: Vec<Offer> = prompt
            .options
            .iter()
            .map(|offer| Offer::new(&offer.id, offer.label.as_deref().map(harmless).as_deref()))
            .collect();
        let message = harmless(prompt.message);
        // Ties keep their order, as the sorter does not.
        let fits = |typed: &str, offer: &Offer, _: &str, index: usize| -> Option<i64> {
            let place = i64::try_from(index).unwrap_or(i64::MAX / 2);
            offer.fits(typed).map(|fit| fit * 1_000_000 - place)
        };
        let only_the_id = |chosen: ListOption<&Offer>| chosen.value.id.clone();
        let select = Select::new(&message, offers)
            .with_starting_cursor(prompt.start)
            .with_page_size(PAGE)
            .with_help_message(prompt.help)
            .with_scorer(&fits)
            .with_formatter(&only_the_id)
            .with_render_config(self.looks(prompt.depth));
        self.screen
            .lend(|| select.raw_prompt())
            .map(|chosen| chosen.index)
            .map_err(|error| unsaid(&error))
    }

    fn line(&mut self, prompt: &Type<'_>) -> Heard<String> {
        let message = harmless(prompt.message);
        let default = prompt.default.map(harmless);
        let suggestions: Vec<String> = prompt
            .suggestions
            .iter()
            .map(|text| harmless(text).into_owned())
            .collect();
        let check = prompt.check;
        let mut text = Text::new(&message)
            .with_page_size(PAGE)
            .with_render_config(self.looks(prompt.depth))
            .with_validator(move |typed: &str| -> Result<Validation, CustomUserError> {
                Ok(match check(typed) {
                    Ok(()) => Validation::Valid,
                    Err(why) => Validation::Invalid(harmless(&why).into_owned().into()),
                })
            });
        text.default = default.as_deref();
        text.help_message = (!prompt.help.is_empty()).then_some(prompt.help);
        if !suggestions.is_empty() {
            text = text.with_autocomplete(move |typed: &str| -> Result<Vec<String>, CustomUserError> {
                Ok(likely(&suggestions, typed))
            });
        }
        self.screen.lend(|| text.prompt()).map_err(|error| unsaid(&error))
    }
}

/// A terminal that cannot be read says nothing, which is never a yes.
fn unsaid(error: &InquireError) -> Unsaid {
    match error {
        InquireError::OperationInterrupted => Unsaid::Interrupted,
        _ => Unsaid::Later,
    }
}
