/** What a person may be. Everybody is a learner; the others come on top of it. */

/**
 * learner: their own lab and progress. helper: sees who asks for help. trainer: leads rooms. operator: the whole server.
 * In the order of what each sees of others, least first.
 */
export const roles = ['learner', 'helper', 'trainer', 'operator'] as const;
export type Role = (typeof roles)[number];
