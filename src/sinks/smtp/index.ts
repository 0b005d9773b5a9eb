export { createMailer, type Mail, type Mailer } from "./mailer.js";
export { smtpSink } from "./smtp-sink.js";
