/** The tags of lessons: components that every text has, without importing them. */
export const lessonTags = ['Step', 'Hint', 'Solution', 'Quiz', 'Choice', 'Why', 'Output'];
