import { quizAnswer } from './quiz-answer.ts';

/** A question that answers at once. Without this script its answer is in a fold. */
class LabQuiz extends HTMLElement {
	connectedCallback(): void {
		const status = this.querySelector('[role=status]');
		this.querySelector('[data-answer]')?.addEventListener('click', () => {
			const inputs = [...this.querySelectorAll<HTMLInputElement>('input')];
			if (!inputs.some((input) => input.checked)) return inputs[0]?.focus();
			const right = inputs.every((input) => input.checked === input.closest('.choice')?.hasAttribute('data-correct'));
			this.dataset.result = right ? 'right' : 'wrong';
			if (status) status.textContent = (right ? this.dataset.right : this.dataset.wrong) ?? '';
			const why = this.querySelector('details');
			if (right && why) why.open = true;
			this.dispatchEvent(new CustomEvent('quiz-answer', { bubbles: true, detail: quizAnswer(this) }));
		});
		this.addEventListener('change', () => {
			delete this.dataset.result;
			if (status) status.textContent = '';
		});
	}
}
customElements.define('lab-quiz', LabQuiz);
