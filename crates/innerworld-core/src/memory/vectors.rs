//! The vectors of a teen's turns, and how near they are to a query's.

use std::mem::size_of;

use super::{
    encoder::{Vector, whole_product},
    rank::Dense,
};

/// Share of each neighbour in a turn's window.
const NEIGHBOUR: f32 = 0.5;

/// Vectors of turns, by number of the turn, with what their neighbours and sessions add.
#[derive(Clone, Debug, Default)]
pub(super) struct Vectors {
    /// The steps of all vectors, one after the other: a query reads them from first to last.
    steps: Vec<i8>,
    turns: Vec<Turn>,
    sessions: Vec<Session>,
    /// Components of a vector.
    dimensions: usize,
}

#[derive(Clone, Debug)]
struct Turn {
    scale: f32,
    session: u32,
    before: Option<u32>,
    after: Option<u32>,
    /// Length of the sum of its own and its neighbours' vectors.
    window: f32,
}

#[derive(Clone, Debug, Default)]
struct Session {
    /// The sum of its turns' vectors; empty where it does not go on, as of nearly all.
    sum: Vec<f32>,
    /// Length of the sum.
    length: f32,
}

impl Vectors {
    /// Adds the next turn: its session's number, and the number of the turn before it in there. A
    /// vector that has other dimensions than the first one says nothing.
    pub(super) fn add(&mut self, said: &Vector, session: u32, before: Option<u32>) {
        let Ok(place) = u32::try_from(self.turns.len()) else {
            return;
        };
        if self.turns.is_empty() {
            self.dimensions = said.dimensions();
        }
        let fits = said.dimensions() == self.dimensions;
        if fits {
            self.steps.extend_from_slice(said.steps());
        } else {
            self.steps.resize(self.steps.len() + self.dimensions, 0);
        }
        self.turns.push(Turn {
            scale: if fits { said.scale() } else { 0.0 },
            session,
            before,
            after: None,
            window: 0.0,
        });
        self.add_to_session(place, session as usize, before);
        if let Some(turn) = before.and_then(|before| self.turns.get_mut(before as usize)) {
            turn.after = Some(place);
        }
        for place in before.into_iter().chain([place]) {
            let window = self.window_length(place);
            if let Some(turn) = self.turns.get_mut(place as usize) {
                turn.window = window;
            }
        }
    }

    /// The vector of a turn.
    pub(super) fn of_turn(&self, place: usize) -> Option<Vector> {
        let scale = self.turns.get(place)?.scale;
        Some(Vector::of_steps(self.steps_of(place), scale))
    }

    fn steps_of(&self, place: usize) -> &[i8] {
        let start = place * self.dimensions;
        self.steps
            .get(start..start + self.dimensions)
            .unwrap_or_default()
    }

    fn add_to_session(&mut self, place: u32, session: usize, mut before: Option<u32>) {
        if self.sessions.len() <= session {
            self.sessions.resize_with(session + 1, Session::default);
        }
        let mut known = self
            .sessions
            .get_mut(session)
            .map(std::mem::take)
            .unwrap_or_default();
        if known.sum.is_empty() {
            known.sum.resize(self.dimensions, 0.0);
            // None, unless it goes on after it was settled.
            while let Some(place) = before {
                self.add_to(place, &mut known.sum);
                before = self.turns.get(place as usize).and_then(|turn| turn.before);
            }
        }
        self.add_to(place, &mut known.sum);
        known.length = length(&known.sum);
        if let Some(session) = self.sessions.get_mut(session) {
            *session = known;
        }
    }

    fn add_to(&self, place: u32, sum: &mut [f32]) {
        let Some(turn) = self.turns.get(place as usize) else {
            return;
        };
        for (sum, step) in sum.iter_mut().zip(self.steps_of(place as usize)) {
            *sum += f32::from(*step) * turn.scale;
        }
    }

    fn window_length(&self, place: u32) -> f32 {
        let Some(turn) = self.turns.get(place as usize) else {
            return 0.0;
        };
        let mut sum = vec![0.0; self.dimensions];
        for neighbour in turn.before.into_iter().chain(turn.after) {
            self.add_to(neighbour, &mut sum);
        }
        for component in &mut sum {
            *component *= NEIGHBOUR;
        }
        self.add_to(place, &mut sum);
        length(&sum)
    }

    /// How near each turn, each turn with its neighbours, and each session is to the query.
    pub(super) fn near(&self, query: &Vector) -> Dense {
        let own = self.own(query);
        let at = |place: Option<u32>| {
            let near = place.and_then(|place| own.get(place as usize));
            near.unwrap_or(&0.0)
        };
        let window = self.turns.iter().zip(&own).map(|(turn, own)| {
            let sum = own + NEIGHBOUR * at(turn.before) + NEIGHBOUR * at(turn.after);
            share(sum, turn.window)
        });
        Dense {
            window: window.collect(),
            session: self.near_sessions(&own),
            own,
        }
    }

    /// The product of a sum is the sum of the products.
    fn near_sessions(&self, own: &[f32]) -> Vec<f32> {
        let mut near = vec![0.0; self.sessions.len()];
        for (turn, own) in self.turns.iter().zip(own) {
            if let Some(near) = near.get_mut(turn.session as usize) {
                *near += own;
            }
        }
        let sessions = near.iter().zip(&self.sessions);
        sessions
            .map(|(near, session)| share(*near, session.length))
            .collect()
    }

    fn own(&self, query: &Vector) -> Vec<f32> {
        if query.dimensions() != self.dimensions || self.dimensions == 0 {
            return vec![0.0; self.turns.len()];
        }
        let all = self.steps.chunks_exact(self.dimensions);
        let turns = self.turns.iter().zip(all);
        turns
            .map(|(turn, steps)| whole_product(steps, query.steps()) * turn.scale * query.scale())
            .collect()
    }

    /// Gives back what growing took beyond need.
    pub(super) fn settle(&mut self) {
        self.steps.shrink_to_fit();
        self.turns.shrink_to_fit();
        for session in &mut self.sessions {
            session.sum = Vec::new();
        }
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let sums = self.sessions.iter().map(|session| session.sum.capacity());
        self.steps.capacity()
            + self.turns.capacity() * size_of::<Turn>()
            + self.sessions.capacity() * size_of::<Session>()
            + sums.sum::<usize>() * size_of::<f32>()
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
