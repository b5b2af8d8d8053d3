// Package signs tells from the features of a face that the short-range net has computed anyway
// whether the eyes or the mouth are covered, and whether the face is drawn. It reads the two
// feature maps that the net's outputs are computed from, at the places of the landmarks, and
// weighs them: logistic regressions, fitted by face/bench/train.
package signs
