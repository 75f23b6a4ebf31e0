//! Mails of the user pool, in the product's words. None of them names anybody.

/// A mail. `{code}` stands where the pool writes the code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wording {
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
}

/// The mails of one language.
struct Language {
    /// Primary tag: `en`.
    tag: &'static str,
    sign_up: Wording,
    new_password: Wording,
}

/// The first is for everybody else. Codes of a sign-up last a day, of a new password an hour: the
/// pool fixes both.
const LANGUAGES: &[Language] = &[
    Language {
        tag: "en",
        sign_up: Wording {
            subject: "Your code for InnerWorld",
            body: "Your code is {code}. It is valid for 24 hours.<br><br>\
                   If you did not ask for it, you can ignore this mail.",
        },
        new_password: Wording {
            subject: "Your code for a new password",
            body: "Your code is {code}. It is valid for one hour.<br><br>\
                   If you did not ask for it, you can ignore this mail.",
        },
    },
    Language {
        tag: "de",
        sign_up: Wording {
            subject: "Dein Code für InnerWorld",
            body: "Dein Code ist {code}. Er gilt 24 Stunden.<br><br>\
                   Wenn du ihn nicht angefordert hast, kannst du diese Mail ignorieren.",
        },
        new_password: Wording {
            subject: "Dein Code für ein neues Passwort",
            body: "Dein Code ist {code}. Er gilt eine Stunde.<br><br>\
                   Wenn du ihn nicht angefordert hast, kannst du diese Mail ignorieren.",
        },
    },
    Language {
        tag: "es",
        sign_up: Wording {
            subject: "Tu código para InnerWorld",
            body: "Tu código es {code}. Es válido durante 24 horas.<br><br>\
                   Si no lo has pedido, puedes ignorar este correo.",
        },
        new_password: Wording {
            subject: "Tu código para una contraseña nueva",
            body: "Tu código es {code}. Es válido durante una hora.<br><br>\
                   Si no lo has pedido, puedes ignorar este correo.",
        },
    },
    Language {
        tag: "fr",
        sign_up: Wording {
            subject: "Ton code pour InnerWorld",
            body: "Ton code est {code}. Il est valable 24 heures.<br><br>\
                   Si tu ne l'as pas demandé, tu peux ignorer ce message.",
        },
        new_password: Wording {
            subject: "Ton code pour un nouveau mot de passe",
            body: "Ton code est {code}. Il est valable une heure.<br><br>\
                   Si tu ne l'as pas demandé, tu peux ignorer ce message.",
        },
    },
];

/// The mail for a trigger, in the language of `locale` (`en-US`); `None` for a trigger whose mail
/// the pool writes itself.
pub(super) fn wording(trigger: &str, locale: &str) -> Option<Wording> {
    let tag = locale.split(['-', '_']).next().unwrap_or_default();
    let known = LANGUAGES
        .iter()
        .find(|one| one.tag.eq_ignore_ascii_case(tag));
    let language = known.or(LANGUAGES.first())?;
    match trigger {
        "CustomMessage_SignUp" | "CustomMessage_ResendCode" => Some(language.sign_up),
        "CustomMessage_ForgotPassword" => Some(language.new_password),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_has_its_code_once_and_fits_the_pool() {
        for language in LANGUAGES {
            for mail in [language.sign_up, language.new_password] {
                assert_eq!(mail.body.matches("{code}").count(), 1, "{}", language.tag);
                assert!(mail.subject.chars().count() <= 140);
                assert!(mail.body.chars().count() <= 20_000);
            }
        }
    }

    #[test]
    fn the_language_is_the_locales_and_english_for_all_others() {
        let subject = |locale| wording("CustomMessage_SignUp", locale).unwrap().subject;
        assert_eq!(subject("de-AT"), "Dein Code für InnerWorld");
        assert_eq!(subject("FR_CA"), "Ton code pour InnerWorld");
        for other in ["", "en-GB", "ja", "-", "{####}"] {
            assert_eq!(subject(other), "Your code for InnerWorld", "{other}");
        }
        assert!(wording("CustomMessage_AdminCreateUser", "en").is_none());
    }
}
