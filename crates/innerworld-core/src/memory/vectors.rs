//! The vectors of a teen's turns, and how near they are to a query's.

use super::{encoder::Vector, rank::Dense};

/// Share of each neighbour in a turn's window.
const NEIGHBOUR: f32 = 0.5;

/// Vectors of turns, by number of the turn, with what their neighbours and sessions add.
#[derive(Clone, Debug, Default)]
pub(super) struct Vectors {
    turns: Vec<Turn>,
    sessions: Vec<Session>,
}

#[derive(Clone, Debug)]
struct Turn {
    said: Vector,
    before: Option<usize>,
    after: Option<usize>,
    /// Length of the sum of its own and its neighbours' vectors.
    window: f32,
}

#[derive(Clone, Debug, Default)]
struct Session {
    sum: Vec<f32>,
    length: f32,
}

impl Vectors {
    /// Adds the next turn: its session's number, and the number of the turn before it in there.
    pub(super) fn add(&mut self, said: Vector, session: u32, before: Option<u32>) {
        let place = self.turns.len();
        let before = before.map(|before| before as usize);
        self.add_to_session(&said, session as usize);
        self.turns.push(Turn {
            said,
            before,
            after: None,
            window: 0.0,
        });
        if let Some(turn) = before.and_then(|before| self.turns.get_mut(before)) {
            turn.after = Some(place);
        }
        for place in before.into_iter().chain([place]) {
            let window = self.window_length(place);
            if let Some(turn) = self.turns.get_mut(place) {
                turn.window = window;
            }
        }
    }

    fn add_to_session(&mut self, said: &Vector, session: usize) {
        if self.sessions.len() <= session {
            self.sessions.resize_with(session + 1, Session::default);
        }
        if let Some(session) = self.sessions.get_mut(session) {
            session.sum.resize(said.dimensions(), 0.0);
            said.add_to(&mut session.sum);
            session.length = length(&session.sum);
        }
    }

    fn window_length(&self, place: usize) -> f32 {
        let Some(turn) = self.turns.get(place) else {
            return 0.0;
        };
        let neighbours = || turn.before.into_iter().chain(turn.after);
        let mut sum = vec![0.0; turn.said.dimensions()];
        for neighbour in neighbours().filter_map(|place| self.turns.get(place)) {
            neighbour.said.add_to(&mut sum);
        }
        for component in &mut sum {
            *component *= NEIGHBOUR;
        }
        turn.said.add_to(&mut sum);
        length(&sum)
    }

    /// How near each turn, each turn with its neighbours, and each session is to the query.
    pub(super) fn near(&self, query: &Vector) -> Dense {
        let own: Vec<f32> = self.turns.iter().map(|turn| turn.said.dot(query)).collect();
        let at = |place: Option<usize>| place.and_then(|place| own.get(place)).unwrap_or(&0.0);
        let window = self.turns.iter().zip(&own).map(|(turn, own)| {
            let sum = own + NEIGHBOUR * at(turn.before) + NEIGHBOUR * at(turn.after);
            share(sum, turn.window)
        });
        let session = self.sessions.iter().map(|session| {
            let mut near = 0.0;
            for (component, step) in session.sum.iter().zip(query.components()) {
                near += component * step;
            }
            share(near, session.length)
        });
        Dense {
            window: window.collect(),
            session: session.collect(),
            own,
        }
    }
}

fn share(sum: f32, length: f32) -> f32 {
    if length > 0.0 { sum / length } else { 0.0 }
}

fn length(components: &[f32]) -> f32 {
    let mut square = 0.0;
    for component in components {
        square += component * component;
    }
    f32::sqrt(square)
}
