/** A turn of phrase that programs do not print, and what they say instead. */
export interface PhraseRule {
  /** As the page of words has it. */
  readonly not: string;
  readonly instead: string;
  readonly found: RegExp;
}

const phrase = (not: string, instead: string, found: RegExp): PhraseRule => ({ not, instead, found });

/** What a reader has to read twice: inverted order, words of another language's grammar, words for too many things. */
export const PHRASES: readonly PhraseRule[] = [
  phrase("it is no archive", "it is not an archive", /\b(?:it|this|that) is no (?!longer|more)/i),
  phrase("so that no, so that nobody", "so no, so nobody", /\bso that (?:no|nobody|nothing|there)\b/i),
  phrase("made anew", "made again", /\banew\b/i),
  phrase("mend it", "fix it", /\bmend(?:s|ed)?\b/i),
  phrase("look whether", "check that", /\blooks? whether\b/i),
  phrase("cannot be had", "could not be downloaded, pulled", /\bbe had\b/i),
  phrase("is there twice", "appears twice", /\b(?:is|are|stands?) there twice\b/i),
  phrase("is named no more", "is no longer named", /\bno more(?=$|[.,;:)])/i),
  phrase("has run out", "has expired", /\b(?:has|have) run out\b/i),
  phrase("there is none of", "there is no", /\bthere is none of\b/i),
  phrase("what there is of", "the", /\bwhat (?:there is|is there) of\b/i),
  phrase("tells of", "describes, reports", /\btells? of\b/i),
  phrase("of before", "earlier, previous", /\bof before\b/i),
  phrase("such that", "so that", /\bsuch that\b/i),
  phrase("does not take it", "does not accept it, rejects it", /\b(?:does|do|did) not take (?:it|them|the|an?)\b/i),
  phrase("give it a way", "make it reachable", /\bgive (?:it|them|\S+ \S+|…) a way\b/i),
  phrase("who wants others", "for others", /(?:^|[;:.] )who wants\b/i),
  phrase("in place of", "instead of", /\bin place of\b/i),
  phrase("by turns", "alternately", /\bby turns\b/i),
  phrase("for want of", "for lack of, because there is no", /\bfor want of\b/i),
  phrase("and their like", "and similar", /\b(?:its|their) like\b/i),
  phrase("hung on an image", "attached to an image", /\b(?:hung|hangs?) on\b/i),
  phrase("the one before", "the previous one", /\bthe one before\b/i),
  phrase("make room there", "free some space there", /\bmake room\b/i),
  phrase("a folder that may be written", "a writable folder", /\bmay be written\b/i),
  phrase("lies on a disk, in a folder", "is on a disk, in a folder", /\blies (?:on|in|at|below|outside)\b/i),
  phrase("could not be taken away", "could not be removed", /\btaken away\b/i),
  phrase("an other", "another", /\ban other\b/i),
];
