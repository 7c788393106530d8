// Types of the constants that the server prepends (STYLE, CONFIG) and of API responses.

declare const STYLE: string;
declare const CONFIG: Config;

type Language = 'ja' | 'en';
type Localized = Record<Language, string>;

interface Config {
  longest_question: number;
  desks: Desk[];
  brand: { accent: { light: string; dark: string } | null; notice: Localized | null; privacy: string | null };
  sentences: Record<Language, Record<string, string>>;
}

interface Choice {
  id: string;
  question: string;
  /** The question in other languages. */
  titles?: Partial<Record<Language, string | null>>;
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
  /** The topic that a desk answers; the other properties belong to entries. */
  topic?: string;
  desk: string;
  category: string;
  category_titles?: Partial<Record<Language, string | null>>;
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
  desk_drafts: Draft[];
}

interface Draft {
  desk: string;
  subject: string;
  body: string;
  /** The text after the member changed it. */
  edited?: string;
}

/** The answer to one request of a message. */
interface Part {
  asked?: string | null;
  outcome: 'answered' | 'suggested' | 'escalated' | 'small_talk';
  answer_id: string;
  message: string;
  entry: Entry | null;
  suggestions: Choice[];
  escalation: Escalation | null;
  /** The vote of the member. */
  helpful?: boolean;
}

interface Answer extends Part {
  conversation: string;
  also?: Part[];
}

interface Handlers {
  onChoose: (choice: Choice) => void;
  onDecline: (part: Part) => void;
  onVote: (part: Part, helpful: boolean) => void;
  onEdit: () => void;
  /** The member's own questions before this answer. */
  questions: string[];
}

/** One turn: a question or a vote of the member, and the answer once it arrived. */
interface Exchange {
  question?: string;
  entry?: string;
  /** The question whose suggestions the member declined. */
  declined?: string;
  feedback?: { answer_id: string; helpful: boolean };
  answer?: Answer;
}

type Translate = (key: string, values?: Record<string, string | number>) => string;

/** The context that all parts of one rendered widget share. */
interface Context {
  endpoint: string;
  desk: string;
  language: Language;
  sentence: Translate;
  announce: (text: string) => void;
  /** The greeting of the page; empty for the usual one. */
  greeting: string;
  /** Ids of the entries that the page features. */
  featured: string[];
}
