/** Said where something may have changed files of the lesson: a command has ended, a block was put in place. */

/** A bubbling event's name. */
export const filesTouched = 'files-touched';

export const sayFilesTouched = (element: Element): boolean => element.dispatchEvent(new CustomEvent(filesTouched, { bubbles: true }));
