use super::keys::Key;

/// A line that is being typed.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    before: Vec<char>,
    /// What stands behind the cursor, the last first.
    behind: Vec<char>,
}

impl Input {
    /// What is typed.
    pub(super) fn text(&self) -> String {
        self.before.iter().chain(self.behind.iter().rev()).collect()
    }

    /// What of it stands before the cursor.
    pub(super) fn before(&self) -> String {
        self.before.iter().collect()
    }

    /// Takes the place of what is typed.
    pub(super) fn put(&mut self, text: &str) {
        self.before = text.chars().collect();
        self.behind.clear();
    }

    /// Takes a key; whether the text is another now.
    pub(super) fn press(&mut self, key: &Key) -> bool {
        let was = self.before.len() + self.behind.len();
        match key {
            Key::Text(text) => self.before.extend(text.chars().filter(|c| !c.is_control())),
            Key::Left => self.behind.extend(self.before.pop()),
            Key::Right => self.before.extend(self.behind.pop()),
            Key::Start => self.behind.extend(self.before.drain(..).rev()),
            Key::End => self.before.extend(self.behind.drain(..).rev()),
            Key::Back => drop(self.before.pop()),
            Key::Delete => drop(self.behind.pop()),
            Key::Clear => self.before.clear(),
            Key::Word => {
                while self.before.pop_if(|c| *c == ' ').is_some() {}
                while self.before.pop_if(|c| *c != ' ').is_some() {}
            }
            _ => {}
        }
        was != self.before.len() + self.behind.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited() {
        let mut input = Input::default();
        let mut typed = |keys: &[Key]| {
            let changes = keys.iter().filter(|key| input.press(key)).count();
            (input.before(), input.text(), changes)
        };
        let text = |text: &str| Key::Text(text.to_owned());
        let is = |before: &str, text: &str, changes| (before.to_owned(), text.to_owned(), changes);
        assert_eq!(typed(&[text("to"), text("\x07be")]), is("tobe", "tobe", 2));
        assert_eq!(typed(&[Key::Left, Key::Left, text(" ")]), is("to ", "to be", 1));
        assert_eq!(typed(&[Key::Start, Key::Delete, Key::Back]), is("", "o be", 1));
        assert_eq!(typed(&[Key::End, Key::Back, Key::Right]), is("o b", "o b", 1));
        assert_eq!(typed(&[Key::Word]), is("o ", "o ", 1));
        assert_eq!(typed(&[Key::Word, Key::Clear, Key::Up]), is("", "", 1));
        input.put("v1");
        assert_eq!((input.before(), input.text()), ("v1".to_owned(), "v1".to_owned()));
    }
}
