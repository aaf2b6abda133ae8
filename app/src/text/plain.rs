//! The words of the plain documents and of refused forms: only the server writes them, so the browser loads none of them.

/// The rule of each field of the composer, for a refusal whose own words cannot be trusted.
pub(crate) const COMPOSER_RULES: [(&str, &str); 5] = [
    (
        "channel",
        "needs 1 to 64 letters, digits, - or _, and must not be a reserved name",
    ),
    (
        "message",
        "is required unless a title is given, with at most 32,768 bytes of text",
    ),
    ("title", "must be one line of at most 250 characters"),
    ("priority", "must be from 1 to 5"),
    ("tags", "must be at most 16, each of at most 64 characters"),
];

// sign-in and set-up
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const SIGN_IN_TITLE: &str = "Sign in to Belfry";
pub(crate) const SET_UP: &str = "Set up Belfry";
pub(crate) const SET_UP_MORE: &str = "This makes the administrator's account. It can be done once.";
pub(crate) const SET_UP_CODE_MORE: &str =
    "The server printed a link when it started. The code is what follows k= in it.";
pub(crate) const CREATE_ACCOUNT: &str = "Create account";
pub(crate) const PASSWORD_RULE: &str = "8 to 256 characters";
pub(crate) const WRONG_CREDENTIALS: &str =
    "User name or password is wrong. Check both and try again.";
pub(crate) const WRONG_SETUP_CODE: &str = "This set-up code is not valid. Use the link that the server printed at its last start, or the file setup-link.";
pub(crate) const SETUP_CLOSED: &str = "Belfry is set up already. Sign in with your account.";
pub(crate) const CROSS_ORIGIN: &str =
    "The form was sent from another site and was not accepted. Fill it in here again.";
pub(crate) const NEED_SET_UP: &str =
    "Belfry is not set up yet. Open the set-up link that the server printed.";

// errors
pub(crate) const NOT_FOUND: &str = "This page does not exist";
pub(crate) const NOT_FOUND_MORE: &str = "The address may be mistyped, or what was here is gone.";
pub(crate) const BACK_TO_INBOX: &str = "Back to the inbox";
pub(crate) const FAILED: &str = "The inbox cannot be shown";

/// A refused sign-in.
pub(crate) fn too_many_attempts(seconds: u64) -> String {
    format!("Too many failed attempts. Try again in {seconds} s.")
}
