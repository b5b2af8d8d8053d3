package main

import "math"

// logistic returns the weights of the logistic regression that tells the rows that are positive,
// and the bias after them. It takes Newton's steps, with a small penalty on the squares of the
// weights, without which rows that a line parts would have no best fit.
func logistic(rows [][]float64, positive []bool) []float64 {
	if len(rows) == 0 {
		return nil
	}
	const penalty, steps = 0.3, 60
	n := len(rows[0]) + 1
	w := make([]float64, n)
	for range steps {
		// Each line of the equations is a row of the Hessian, and the gradient.
		lines := make([][]float64, n)
		for i := range lines {
			lines[i] = make([]float64, n+1)
			lines[i][i], lines[i][n] = penalty, -penalty*w[i]
		}
		for r, row := range rows {
			x := append(append(make([]float64, 0, n), row...), 1)
			z := 0.0
			for i, v := range x {
				z += w[i] * v
			}
			p := 1 / (1 + math.Exp(-z))
			e := -p
			if positive[r] {
				e++
			}
			for i, v := range x {
				lines[i][n] += e * v
				for k, u := range x {
					lines[i][k] += p * (1 - p) * v * u
				}
			}
		}
		far := 0.0
		for i, d := range solve(lines) {
			w[i] += d
			far = max(far, math.Abs(d))
		}
		if far < 1e-9 {
			break
		}
	}
	return w
}

// solve solves linear equations, whose right sides come last in each line, by elimination. It
// overwrites them.
func solve(lines [][]float64) []float64 {
	n := len(lines)
	for i := range n {
		most := i
		for r := i + 1; r < n; r++ {
			if math.Abs(lines[r][i]) > math.Abs(lines[most][i]) {
				most = r
			}
		}
		lines[i], lines[most] = lines[most], lines[i]
		for r := range n {
			if r == i {
				continue
			}
			by := lines[r][i] / lines[i][i]
			for k := i; k <= n; k++ {
				lines[r][k] -= by * lines[i][k]
			}
		}
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = lines[i][n] / lines[i][i]
	}
	return out
}
