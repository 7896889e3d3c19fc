/** What a lesson's terminals are called: by their numbers on the learner's own machine, by its name on a node of the lesson's cluster. */

/** On the learner's own machine; the first is there in every lesson that has terminals. */
export const ownTerminals = ['1', '2', '3', '4'] as const;

/** Nodes that a cluster may have: ports and memory of a sandbox are for some, not for many. */
export const mostNodes = 8;
/** The names of a cluster's nodes. @param count how many it has; all that there may be if left out */
export const nodeNames = (count: number = mostNodes): string[] => Array.from({ length: count }, (_, index) => `c${index + 1}`);

/** As a part of regular expressions: "1" … "4", "c1" … "c8". */
export const terminalPart = '[1-4]|c[1-8]';
export const terminalPattern = new RegExp(`^(?:${terminalPart})$`);
/** Every name that a terminal may have, in the order of their tabs. */
export const terminalNames: readonly string[] = [...ownTerminals, ...nodeNames()];

/** The node on which a terminal's shell is; undefined: on the learner's own machine. @param name of the terminal */
export const nodeOf = (name: string): string | undefined => (name.startsWith('c') ? name : undefined);
