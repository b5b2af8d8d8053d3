// Package trace shows the benchmark which candidates a search for faces looked at, and what each
// look said of them. face/bench fits the score to that.
package trace
