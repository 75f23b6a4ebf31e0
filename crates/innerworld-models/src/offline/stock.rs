//! Lines that every persona shares, for messages that no persona's own lines fit.

/// Answers to a bare greeting.
pub(super) const GREETINGS: [&str; 5] = [
    "Hey. There is room here for whatever is on your mind.",
    "Hi. We can start anywhere: today, yesterday, or the thing in between.",
    "Hello. No topic is too small to begin with.",
    "Hey there. Nothing has to be ready before you say it.",
    "Hi. You can begin in the middle, that is often easiest.",
];

/// Answers to a bare thank-you.
pub(super) const THANKS: [&str; 4] = [
    "You are welcome. You did the thinking there.",
    "Sure. Most of that was yours, by the way.",
    "Good if it was of use.",
    "No need to, but it is a kind thing to say.",
];

/// Whole answers to a farewell: nothing that makes leaving hard.
pub(super) const FAREWELLS: [&str; 4] = [
    "All right, we stop here. Take along what helps and leave the rest; nothing has to be finished \
     today.",
    "Good place to stop. Go easy on yourself, and do something ordinary next, like a glass of \
     water.",
    "Okay, that is enough for now. What you said was worth saying, also to a person you trust.",
    "Fine, let us close it here. You can put this down for a while; it keeps.",
];

/// Answers to the question whether this is a human being.
pub(super) const NATURE: [&str; 4] = [
    "I am {persona}, an AI and not a person. Just now I am offline, so my answers are simple.",
    "No person here: I am {persona}, an AI. At the moment I work offline with lines that people \
     wrote.",
    "An AI, not a human being. {persona} is the name of the character, and it runs offline just \
     now.",
    "You are talking to software called {persona}. It is an AI, offline at the moment, and it can \
     be wrong.",
];

/// Answers to "do you remember" when no note fits.
pub(super) const NO_NOTE: [&str; 4] = [
    "I have no note that fits this closely enough, so I will not guess.",
    "Nothing in my notes matches that well, and inventing something would be unfair to you.",
    "That is not among the things I can find in my notes right now.",
    "My notes are silent on that one. You can tell me, if you like.",
];

/// What memory holds, where no note fits the question.
pub(super) const CLOSEST: [&str; 4] = [
    "What I do have written down: {facts}.",
    "The closest thing in my notes: {facts}.",
    "From before, I have this: {facts}.",
    "What my notes hold is this: {facts}.",
];

/// Answers to other questions: offline, nothing is looked up and nothing is guessed.
pub(super) const QUESTIONS: [&str; 10] = [
    "Offline I cannot look things up, but we can turn the question around together.",
    "That is a real question, and I would rather not guess at the answer offline.",
    "I have no good answer to that here. You might have half of one, though.",
    "Good question. Offline, all I can do is help you think it through.",
    "A model would know more about that than I do offline.",
    "I would only be making something up if I answered that now.",
    "For facts, a person or a book beats me while I am offline.",
    "Let us keep that question on the table and walk around it once.",
    "I cannot settle that for you, and maybe it is yours to settle.",
    "That one has no quick answer from me. We can still look at what is behind it.",
];

/// Beginnings of an answer that safety asked to be careful: nothing is read into the message.
pub(super) const CARE: [&str; 8] = [
    "Thank you for putting that into words here.",
    "I am only a simple program just now, and I do not want to pass over what you wrote.",
    "What you wrote sounds as if it may weigh a lot.",
    "I read that slowly, and it matters.",
    "That may be a lot to hold on your own.",
    "You do not have to make that smaller than it is.",
    "There is no need to explain it well; it counts as it is.",
    "This does not sound like a light thing.",
];

/// And what they end with: somebody near, and the help in the app.
pub(super) const CARE_ENDS: [&str; 8] = [
    "Are you somewhere safe right now, and is there a person near who could sit with you for a while?",
    "The help in this app is there for moments like this one. Who could be with you today?",
    "You can open the help here at any time, also just to write to somebody. Are you safe at the \
     moment?",
    "Is there a grown-up you trust who could know how today is for you?",
    "We can go slowly. Would it be easier to reach one of the people in the help list first?",
    "If it gets heavier, the help list is one tap away. Who is around you now?",
    "Nobody has to carry something like this alone today. Which person could you let in on it?",
    "You can stop here and reach out to somebody, or stay a little. Are you safe as we speak?",
];

/// Questions to begin with, before there is anything to work on.
pub(super) const OPENERS: [&str; 8] = [
    "What has been on your mind today?",
    "What was the best or the oddest bit of your day so far?",
    "Is there one thing you would like to look at?",
    "What is taking up the most room in your head at the moment?",
    "Which part of your day would you like to talk about?",
    "What made you open this just now?",
    "What would you like to put into words, even if it comes out crooked?",
    "Is it more of a small thing or a big thing today?",
];

/// Short sentences between the rest, when a reply would be too short.
pub(super) const BRIDGES: [&str; 12] = [
    "Take it at the pace that suits you.",
    "There is no wrong place to start.",
    "A few words are enough.",
    "It can be messy; that is fine here.",
    "You can skip any of this.",
    "Only as much as you want to say.",
    "It does not need to sound clever.",
    "Half an answer is an answer too.",
    "Whatever comes first will do.",
    "Guessing is allowed.",
    "You may also change the subject.",
    "It can be about something small.",
];

/// Mentions of a person or a place.
pub(super) const PROPER: [&str; 8] = [
    "And {name} is somewhere in the middle of it.",
    "You brought up {name}, so that seems to matter.",
    "{name} comes up in this as well.",
    "So {name} has a part in this.",
    "I notice that {name} is in the picture.",
    "That you name {name} tells me something.",
    "{name} seems to be close to the heart of it.",
    "It touches {name} too, it seems.",
];

/// Mentions of a goal.
pub(super) const GOALS: [&str; 5] = [
    "The aim I read in it: {name}.",
    "So this is what you are after: {name}.",
    "Underneath there is a goal: {name}.",
    "What you want stays in view: {name}.",
    "I keep your goal next to it: {name}.",
];

/// Mentions of a thing, a topic, an event.
pub(super) const NOUNS: [&str; 6] = [
    "One word I pick out of it: {name}.",
    "Let me hold on to one thing in there: {name}.",
    "What stands out on a second reading: {name}.",
    "There is a word in it that carries weight: {name}.",
    "I underline one thing: {name}.",
    "One thing in it I would like to look at: {name}.",
];
