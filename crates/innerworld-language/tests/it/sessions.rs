//! What only a session as a whole tells: who "she" is, what an answer of one word names, which
//! subject the talk dwells on. All sentences are invented.

use std::fmt::Write;

use innerworld_core::memory::store::Speaker::{Persona, Teen};

use super::rules::{read, show};

#[test]
fn sessions() {
    let sessions = [
        // A pronoun is the person of fitting sex named last.
        vec![
            (Teen, "my aunt rosa came over with my brother leo"),
            (Persona, "How was it?"),
            (Teen, "good. she bakes with me every sunday"),
            (Teen, "he plays bass"),
        ],
        // What somebody is may be said of a name or a pronoun, also later.
        vec![
            (Teen, "ines got the lead in the spring musical"),
            (Teen, "shes been my best friend since 5th grade"),
        ],
        // A question makes an answer of one word clear; without one it is nothing.
        vec![
            (Persona, "Who is going with you?"),
            (Teen, "oluwaseyi and big ben"),
        ],
        vec![(Persona, "What is the dog's name?"), (Teen, "capitan")],
        vec![
            (Persona, "Which school is it?"),
            (Teen, "st brigids college"),
        ],
        vec![(Persona, "Sounds nice."), (Teen, "capitan")],
        // A name is known again, with a possessive s too.
        vec![
            (Teen, "i practice with my friend hector every friday"),
            (Teen, "we always play in hectors basement"),
        ],
        // A passing word is no subject; two lines of it are.
        vec![(Teen, "we have so much science to do this week lol")],
        vec![
            (Teen, "i love science so much this year honestly"),
            (Persona, "Why?"),
            (Teen, "my science teacher lets us build things"),
        ],
        // A title says less than what was said before.
        vec![
            (Teen, "my neighbor mr bill gave me his old telescope"),
            (Teen, "mr bill said we can watch it from his roof"),
        ],
        // "It" is the event of the line before.
        vec![
            (Teen, "spring concert is may 28"),
            (Teen, "my grandma is flying in for it"),
        ],
        // Help is for the goal told before.
        vec![
            (Teen, "i wanna get back in set 1"),
            (Teen, "my cousin rashid is gonna help me on thursday"),
        ],
    ];
    let mut out = String::new();
    for session in sessions {
        for (speaker, text) in &session {
            let who = if *speaker == Teen { "teen" } else { "persona" };
            writeln!(out, "{who}: {text}").unwrap();
        }
        out.push_str(&show(&read(&session)));
        out.push('\n');
    }
    insta::assert_snapshot!(out);
}
