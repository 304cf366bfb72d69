import type { CheckedKind, Definitions } from './definition.js';

export const PROTOCOL_VERSION = 1;

/** What a member of a room may do: everything, draw and change the words, or watch. */
export const ROLES = ['viewer', 'editor', 'owner'] as const;

const MODEL = {
  fields: {
    id: 'text',
    name: 'text',
    /** Size of the images, px. */
    width: 'uint32',
    height: 'uint32',
    /** Prompts that the model card offers. */
    prompts: { listOf: 'text' },
    /** Colours that the model's sketches use, as #rrggbb. */
    palette: { listOf: 'text' },
    /** Whether strength 1 leaves nothing of the sketch's colours: the picture then starts from noise alone. */
    startsFromNoise: 'boolean',
  },
  optional: {
    /** The colour of an empty sheet, as #rrggbb. */
    emptySheet: 'text',
    /** The words that the model knows: at most 2000 of at most 32 characters. */
    vocabulary: { listOf: 'text' },
  },
} as const;

const LIMITS = {
  fields: {
    maxFrameBytes: 'uint32',
    maxFramePixels: 'uint32',
    /** Sending more is of no use: the server renders no more of one drawing. */
    maxFramesPerSecond: 'number',
  },
  optional: {
    /** Frames without an end that a polite client has at most; 3 if it is missing. */
    maxFramesInFlight: 'uint32',
  },
} as const;

/** The room that was entered. Links carry its keys. */
const ROOM = {
  fields: {
    /** The number of this member, new at every connection. */
    member: 'uint32',
    role: { oneOf: ROLES },
    /** The key that lets others watch. */
    view: 'text',
    maxDrawingBytes: 'uint32',
  },
  optional: {
    /** The key that lets others draw; only members who may draw themselves get it. */
    edit: 'text',
  },
} as const;

export const FROM_CLIENT = {
  /** The first message, within 10 s of opening. */
  hello: {
    fields: {},
    optional: {
      token: 'text',
      /** The secret of an earlier session. */
      resume: 'text',
      /** Name and version of the program, for the server's log. */
      program: 'text',
      /** The key of a room. */
      room: 'text',
      /** The author number of this client's marks in the room's drawing. */
      author: 'uint32',
      /** The highest role wanted, whatever the key allows. `owner` creates the room if there is none. */
      role: { oneOf: ROLES },
      /** A secret that this client chose. With it the client comes back into a room that was closed meanwhile. */
      pass: 'text',
    },
  },
  /** A fresh token of the same subject, before the time of the session is over. Answered by `renewed`. */
  token: {
    fields: { token: 'text' },
  },
} as const satisfies Definitions<CheckedKind>;

export const FROM_SERVER = {
  /** The answer to `hello`: the session is live. */
  welcome: {
    fields: {
      protocol: { oneOf: [PROTOCOL_VERSION] },
      session: 'text',
      /** The secret that resumes this session on another connection. */
      resume: 'text',
      /** The highest `seq` of this session so far; 0 for a new one. */
      lastSeq: 'uint32',
      features: { listOf: 'text' },
      model: MODEL,
      params: 'params',
      /** The parameters of a new drawing. */
      defaults: 'params',
      ranges: 'ranges',
      limits: LIMITS,
    },
    optional: {
      room: ROOM,
      /** Time until the session ends, unless the client sends a fresh token; missing if it has no end. */
      endsInMs: 'uint32',
    },
  },
  /** A token was accepted. `endsInMs` is the time until the session ends now; missing if it has no end. */
  renewed: {
    fields: {},
    optional: { endsInMs: 'uint32' },
  },
  /** The server is full and the client stands in line. Sent again when its position changes; then `welcome`. */
  waiting: {
    fields: {
      /** From 1. */
      position: 'uint32',
    },
  },
  /** Sent before a planned close. After a restart the times are spread over some seconds. */
  bye: {
    fields: { code: 'uint32' },
    optional: { reconnectAfterMs: 'uint32' },
  },
} as const satisfies Definitions;
