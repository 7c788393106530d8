// Types of the constants that the server prepends (STYLE, CONFIG) and of API responses.

declare const STYLE: string;
declare const CONFIG: Config;

type Language = 'ja' | 'en';
type Localized = Record<Language, string>;

interface Config {
  longest_question: number;
  desks: Desk[];
  sentences: Record<Language, Record<string, string>>;
}

interface Choice {
  id: string;
  question: string;
  desk?: string;
}

interface Desk {
  id: string;
  name: Localized;
  programme: Localized;
  featured: Choice[];
  contact_points: { kind: string; label: Localized; value: Localized; url: string | null; hours: Localized | null }[];
}

interface Hit extends Choice {
  desk: string;
  category: string;
  question_html: string;
}

interface Entry {
  id: string;
  desk: string;
  question: string;
  answer: { html: string; text: string };
  source: { document: string; section: string } | null;
  related: Choice[];
}

interface ContactPoint {
  desk: string;
  kind: string;
  label: string;
  value: string;
  url: string | null;
  hours: { text: string; open?: boolean; status?: string } | null;
}

interface Escalation {
  desk: string | null;
  contact_points: ContactPoint[];
  draft: { subject: string; body: string } | null;
}

interface Answer {
  outcome: 'answered' | 'suggested' | 'escalated' | 'small_talk';
  answer_id: string;
  conversation: string;
  message: string;
  entry: Entry | null;
  suggestions: Choice[];
  escalation: Escalation | null;
}

/** One turn: a question or a vote of the member, and the answer once it arrived. */
interface Exchange {
  question?: string;
  entry?: string;
  feedback?: { answer_id: string; helpful: boolean };
  answer?: Answer;
  helpful?: boolean;
}

type Translate = (key: string, values?: Record<string, string | number>) => string;

/** The context that all parts of one rendered widget share. */
interface Context {
  endpoint: string;
  desk: string;
  language: Language;
  sentence: Translate;
  announce: (text: string) => void;
}
