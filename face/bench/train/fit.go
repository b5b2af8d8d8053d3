package main

import (
	"math"
	"sync"
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
		clear(gradient)
		// Always in two parts, so that the sums are the same on every machine.
		parts := [2][]float64{}
		var wait sync.WaitGroup
		for i := range parts {
			wait.Go(func() {
				from, to := i*len(scaled)/2, (i+1)*len(scaled)/2
				parts[i] = slope(scaled[from:to], positive[from:to], weight[from:to], w)
			})
		}
		wait.Wait()
		for i := range gradient {
			gradient[i] = (parts[0][i] + parts[1][i]) / total
			if i < n {
				gradient[i] += penalty(i) * w[i]
			}
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

// slope returns the gradient of the loss of rows, each weighted, at the weights w, whose last is the bias.
func slope(rows [][]float32, positive []bool, weight []float64, w []float64) []float64 {
	n := len(w) - 1
	sum := make([]float64, n+1)
	narrow := make([]float32, n)
	for i, v := range w[:n] {
		narrow[i] = float32(v)
	}
	part := make([]float32, n) // of some rows: float32 is faster
	for r, x := range rows {
		e := 1 / (1 + math.Exp(-float64(dot(narrow, x))-w[n]))
		if positive[r] {
			e--
		}
		e *= weight[r]
		sum[n] += e
		f := float32(e)
		x = x[:len(part)]
		for i := range part {
			part[i] += f * x[i]
		}
		if r%64 == 63 || r == len(rows)-1 {
			for i, v := range part {
				sum[i] += float64(v)
			}
			clear(part)
		}
	}
	return sum
}

// dot returns the product of two vectors of one length.
func dot(a, b []float32) float32 {
	var s [4]float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s[0] += a[i] * b[i]
		s[1] += a[i+1] * b[i+1]
		s[2] += a[i+2] * b[i+2]
		s[3] += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s[0] += a[i] * b[i]
	}
	return s[0] + s[1] + s[2] + s[3]
}
