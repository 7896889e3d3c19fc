/** Katacoda's questions: ">>Question<<", and its answers on the lines behind it. */

export interface QuizToken {
	kind: 'quiz';
	question: string;
	/** Answers to choose from; none when one is to be typed. */
	choices: { text: string; right: boolean }[];
	/** What was to be typed (===), or a part of it (=~=). */
	typed: string[];
}

type ProseToken = { kind: 'prose'; text: string };

const quizPattern =
	/^[ \t]*>>[ \t]*(\S[^\n]*?)[ \t]*<<[ \t]*\n((?:[ \t]*(?:[-*][ \t]+)?(?:\([ *xX]?\)|\[[ *xX]?\]|===|=~=)[ \t]+\S[^\n]*(?:\n|$))+)/m;

/** @param text outside of code; @returns it in order, its questions apart. One without a right answer is none, and stays text. */
export function withQuizzes(text: string): (ProseToken | QuizToken)[] {
	const found: (ProseToken | QuizToken)[] = [];
	let prose = '';
	let rest = text;
	const flush = () => {
		if (prose.trim()) found.push({ kind: 'prose', text: prose });
		prose = '';
	};
	for (let match = quizPattern.exec(rest); match; match = quizPattern.exec(rest)) {
		const [all, question = '', lines = ''] = match;
		const quiz = quizOf(question, lines.trim().split('\n'));
		prose += rest.slice(0, match.index);
		rest = rest.slice(match.index + all.length);
		if (quiz) {
			flush();
			found.push(quiz);
		} else prose += all;
	}
	prose += rest;
	flush();
	return found;
}

function quizOf(question: string, lines: readonly string[]): QuizToken | undefined {
	const quiz: QuizToken = { kind: 'quiz', question, choices: [], typed: [] };
	for (const line of lines) {
		const [, sign = '', text = ''] = /^[ \t]*(?:[-*][ \t]+)?(\([ *xX]?\)|\[[ *xX]?\]|===|=~=)[ \t]+(.*?)[ \t]*$/.exec(line) ?? [];
		if (sign.startsWith('=')) quiz.typed.push(text);
		else quiz.choices.push({ text, right: /[*xX]/.test(sign) });
	}
	if (quiz.choices.length === 0 ? quiz.typed.length === 0 : !quiz.choices.some(({ right }) => right)) return undefined;
	return quiz;
}

/**
 * @param question as it is written; @param choices as text of a lesson
 * @returns the lesson's own question
 */
export function quizText(question: string, choices: readonly { text: string; right: boolean }[]): string {
	const value = question.replace(/\*\*|__/g, '').replace(/[&"<>{}]/g, (sign) => `&#${sign.codePointAt(0)};`);
	const lines = choices.map(({ text, right }) => `<Choice${right ? ' correct' : ''}>${text.trim()}</Choice>`);
	return [`<Quiz question="${value}">`, ...lines, '</Quiz>'].join('\n');
}
