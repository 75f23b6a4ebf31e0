//! All personas of an installation: the shipped ones and those an operator adds.

use std::fmt;

use super::{
    PersonaId,
    card::{Persona, PersonaCard},
    file,
};

const SHIPPED: [(&str, &str); 4] = [
    ("courage.toml", include_str!("../../personas/courage.toml")),
    ("comfort.toml", include_str!("../../personas/comfort.toml")),
    (
        "creative.toml",
        include_str!("../../personas/creative.toml"),
    ),
    ("compass.toml", include_str!("../../personas/compass.toml")),
];

/// Persona files that cannot be used, with every mistake in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidPersonas {
    /// File name and mistake, in the order of the files.
    pub mistakes: Vec<(String, String)>,
}

impl fmt::Display for InvalidPersonas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("persona files have mistakes:")?;
        for (file, mistake) in &self.mistakes {
            write!(f, "\n  {file}: {mistake}")?;
        }
        Ok(())
    }
}

/// The personas, in the order in which cards are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonaDirectory {
    personas: Vec<Persona>,
}

impl PersonaDirectory {
    /// Courage, Comfort, Creative and Compass.
    pub fn shipped() -> Result<Self, InvalidPersonas> {
        Self {
            personas: Vec::new(),
        }
        .with_files(SHIPPED)
    }

    /// Adds the personas of these files (name and text), in this order. One with the id of a
    /// persona that is there takes its place. All mistakes of all files are reported together.
    pub fn with_files<'a>(
        mut self,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, InvalidPersonas> {
        let mut mistakes = Vec::new();
        let mut added: Vec<(PersonaId, &str)> = Vec::new();
        for (name, text) in files {
            let persona = match file::read(text) {
                Ok(persona) => persona,
                Err(found) => {
                    mistakes.extend(found.into_iter().map(|mistake| (name.to_owned(), mistake)));
                    continue;
                }
            };
            if let Some((id, other)) = added.iter().find(|(id, _)| *id == persona.id) {
                mistakes.push((name.to_owned(), format!("the id {id} is also in {other}")));
                continue;
            }
            added.push((persona.id.clone(), name));
            match self
                .personas
                .iter_mut()
                .find(|known| known.id == persona.id)
            {
                Some(known) => *known = persona,
                None => self.personas.push(persona),
            }
        }
        if mistakes.is_empty() {
            Ok(self)
        } else {
            Err(InvalidPersonas { mistakes })
        }
    }

    /// The persona with this id.
    pub fn get(&self, id: &PersonaId) -> Option<&Persona> {
        self.personas.iter().find(|persona| persona.id == *id)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Persona> {
        self.personas.iter()
    }

    /// What clients may show.
    pub fn cards(&self) -> Vec<PersonaCard> {
        self.personas.iter().map(Persona::card).collect()
    }
}
