/** What a learner has chosen in a quiz, as the server is told of it. */
export interface QuizAnswer {
	/** Its id, or its number in the lesson. */
	quiz: string;
	/** Numbers of the choices taken, from 0. */
	choices: number[];
}

/** What is ticked now. @param quiz the element with `data-quiz` */
export function quizAnswer(quiz: HTMLElement): QuizAnswer {
	const taken = [...quiz.querySelectorAll<HTMLInputElement>('input')].filter((input) => input.checked);
	return { quiz: quiz.dataset.quiz ?? '', choices: taken.map((input) => Number(input.value)) };
}
