// Types of what the server puts before the modules (STYLE, CONFIG) and of what its API answers.

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

/** One turn: what the member asked or voted, and the reply once it is there. */
interface Exchange {
  question?: string;
  entry?: string;
  feedback?: { answer_id: string; helpful: boolean };
  answer?: Answer;
  helpful?: boolean;
}

type Say = (key: string, values?: Record<string, string | number>) => string;

/** What every part of one rendered widget shares. */
interface Context {
  endpoint: string;
  desk: string;
  language: Language;
  say: Say;
  announce: (text: string) => void;
}
