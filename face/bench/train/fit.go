package main

import (
	"math"
)

// regression is a logistic regression of features.
type regression struct {
	weights []float64
	bias    float64
}

func (r regression) at(x []float32) float64 {
	z := r.bias
	for i, w := range r.weights {
		z += w * float64(x[i])
	}
	return z
}

// scaling holds the mean and the deviation of each feature, which makes the steps and the penalty
// those of comparable numbers.
type scaling struct{ mean, deviation []float64 }

func scalingOf(rows [][]float32) scaling {
	n := len(rows[0])
	s := scaling{make([]float64, n), make([]float64, n)}
	for _, x := range rows {
		for i, v := range x {
			s.mean[i] += float64(v)
			s.deviation[i] += float64(v) * float64(v)
		}
	}
	for i := range n {
		s.mean[i] /= float64(len(rows))
		s.deviation[i] = math.Sqrt(max(0, s.deviation[i]/float64(len(rows))-s.mean[i]*s.mean[i])) + 1e-3
	}
	return s
}

// fit returns the regression that tells the rows that are positive, each weighted. It goes down
// the gradient with the steps of Adam (Kingma and Ba, 2015). penalty is of the squares of the weights of scaled features.
func fit(rows [][]float32, positive []bool, weight []float64, penalty func(feature int) float64, rounds int) regression {
	s := scalingOf(rows)
	n := len(rows[0])
	scaled := make([][]float32, len(rows))
	total := 0.0
	for r, x := range rows {
		scaled[r] = make([]float32, n)
		for i, v := range x {
			scaled[r][i] = float32((float64(v) - s.mean[i]) / s.deviation[i])
		}
		total += weight[r]
	}
	w, gradient := make([]float64, n+1), make([]float64, n+1)
	first, second := make([]float64, n+1), make([]float64, n+1)
	for round := 1; round <= rounds; round++ {
		for i := range n {
			gradient[i] = penalty(i) * w[i]
		}
		gradient[n] = 0
		for r, x := range scaled {
			z := w[n]
			for i, v := range x {
				z += w[i] * float64(v)
			}
			e := 1 / (1 + math.Exp(-z))
			if positive[r] {
				e--
			}
			e *= weight[r] / total
			for i, v := range x {
				gradient[i] += e * float64(v)
			}
			gradient[n] += e
		}
		rate := 0.03 / (1 + 3*float64(round)/float64(rounds))
		for i, g := range gradient {
			first[i] = 0.9*first[i] + 0.1*g
			second[i] = 0.999*second[i] + 0.001*g*g
			w[i] -= rate * first[i] / (1 - math.Pow(0.9, float64(round))) / (math.Sqrt(second[i]/(1-math.Pow(0.999, float64(round)))) + 1e-8)
		}
	}
	out := regression{weights: make([]float64, n), bias: w[n]}
	for i := range n {
		out.weights[i] = w[i] / s.deviation[i]
		out.bias -= out.weights[i] * s.mean[i]
	}
	return out
}
