package main

import (
	"encoding/json"
	"image"
	"math"
	"net/http"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// pipelineResult is what the stand-in for the expensive service answers.
type pipelineResult struct {
	Format      detect.Format `json:"format"`
	Width       int           `json:"width"`
	Height      int           `json:"height"`
	Orientation int           `json:"orientation"`
	Frames      int           `json:"frames"`
	Size        int64         `json:"size"`
	Faces       []pipelineBox `json:"faces,omitempty"` // absent where faces are not looked for
	Warnings    []warningLine `json:"warnings,omitempty"`
}

// pipelineBox is a face in pixels of the upright picture at full size. Its score is
// rounded to a thousandth. Its landmarks, if the finder gives any, are pairs of x and y.
type pipelineBox struct {
	X         int      `json:"x"`
	Y         int      `json:"y"`
	Width     int      `json:"width"`
	Height    int      `json:"height"`
	Score     float64  `json:"score"`
	Landmarks [][2]int `json:"landmarks,omitempty"`
}

// runPipeline stands where the expensive service would: it tells what reached it.
func runPipeline(w http.ResponseWriter, r *http.Request) {
	files := middleware.Files(r.Context())
	if len(files) == 0 {
		// The middleware lets no POST without a file through.
		http.Error(w, "no verified file", http.StatusInternalServerError)
		return
	}
	res := files[0].Result
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]pipelineResult{"result": {
		Format:      res.Format,
		Width:       res.Width,
		Height:      res.Height,
		Orientation: res.Orientation,
		Frames:      res.Frames,
		Size:        res.Size,
		Faces:       pipelineBoxes(res.Faces),
		Warnings:    warningLines(res.Warnings),
	}}) // a client that has gone does not matter here
}

func pipelineBoxes(faces []validate.Face) []pipelineBox {
	var boxes []pipelineBox
	for _, f := range faces {
		boxes = append(boxes, pipelineBox{
			X: f.Bounds.Min.X, Y: f.Bounds.Min.Y, Width: f.Bounds.Dx(), Height: f.Bounds.Dy(),
			Score: math.Round(f.Score*1000) / 1000, Landmarks: pairs(f.Landmarks),
		})
	}
	return boxes
}

func pairs(points []image.Point) [][2]int {
	var out [][2]int
	for _, p := range points {
		out = append(out, [2]int{p.X, p.Y})
	}
	return out
}
