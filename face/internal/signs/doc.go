// Package signs tells from the features of a face that the short-range net has computed anyway
// whether the eyes or the mouth are covered, and whether the face is drawn. It reads the two
// feature maps that the net's outputs are computed from, at the places of the landmarks; a finer
// one before them, which the net has not yet made blind to what is on a face, at more points; and patches of
// the face itself. Logistic regressions, fitted by face/bench/train, weigh them.
package signs
