import { DOMParser, type Element } from '@xmldom/xmldom';

/** One instruction of TwiML, limited to what the local gateway can do. */
export type Verb =
  | { readonly name: 'Say'; readonly text: string }
  | {
      readonly name: 'Dial';
      readonly clients: readonly string[];
      readonly numbers: readonly string[];
      /** Seconds that it rings. */
      readonly timeout: number;
      /** Seconds that the call lasts at most. */
      readonly timeLimit: number;
    }
  | { readonly name: 'Reject' }
  | { readonly name: 'Hangup' };

/** Twilio's defaults. */
const TIMEOUT = 30;
const TIME_LIMIT = 4 * 60 * 60;

/**
 * Parses the answer of a Voice URL.
 *
 * @throws {Error} If it is not TwiML, or contains a verb that the gateway does not support.
 */
export function parseTwiml(xml: string): Verb[] {
  const parser = new DOMParser({
    onError(_level, message) {
      throw new Error(message);
    },
  });
  const root = parser.parseFromString(xml, 'text/xml').documentElement;
  if (root?.tagName !== 'Response') throw new Error('The document is not a <Response>.');
  return elements(root).map(toVerb);
}

function toVerb(element: Element): Verb {
  switch (element.tagName) {
    case 'Say':
      return { name: 'Say', text: element.textContent ?? '' };
    case 'Dial':
      return {
        name: 'Dial',
        clients: textOf(element, 'Client'),
        numbers: textOf(element, 'Number'),
        timeout: Number(element.getAttribute('timeout') ?? TIMEOUT),
        timeLimit: Number(element.getAttribute('timeLimit') ?? TIME_LIMIT),
      };
    case 'Reject':
    case 'Hangup':
      return { name: element.tagName };
    default:
      throw new Error(`The local gateway does not support <${element.tagName}>.`);
  }
}

function textOf(dial: Element, tagName: string): string[] {
  const nouns = elements(dial).filter((noun) => noun.tagName === tagName);
  return nouns.map((noun) => (noun.textContent ?? '').trim());
}

function elements(parent: Element): Element[] {
  return [...parent.childNodes].filter((node): node is Element => node.nodeType === node.ELEMENT_NODE);
}
