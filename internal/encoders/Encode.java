import java.awt.image.BufferedImage;
import java.io.File;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/** java Encode.java IN OUT: writes each PNG of the folder IN to OUT by javax.imageio. */
public class Encode {
  public static void main(String[] args) throws Exception {
    for (File f : new File(args[0]).listFiles()) {
      if (!f.getName().endsWith(".png")) continue;
      BufferedImage src = ImageIO.read(f);
      String stem = args[1] + "/" + f.getName().substring(0, f.getName().length() - 4);
      BufferedImage rgb = copy(src, BufferedImage.TYPE_INT_RGB);
      ImageIO.write(rgb, "jpg", new File(stem + ".jpg"));
      progressive(rgb, new File(stem + ".progressive.jpg"));
      ImageIO.write(rgb, "png", new File(stem + ".rgb.png"));
      ImageIO.write(copy(src, BufferedImage.TYPE_INT_ARGB), "png", new File(stem + ".argb.png"));
      ImageIO.write(copy(src, BufferedImage.TYPE_BYTE_INDEXED), "png", new File(stem + ".indexed.png"));
      ImageIO.write(copy(src, BufferedImage.TYPE_USHORT_GRAY), "png", new File(stem + ".gray16.png"));
      ImageIO.write(copy(src, BufferedImage.TYPE_3BYTE_BGR), "bmp", new File(stem + ".24.bmp"));
      ImageIO.write(copy(src, BufferedImage.TYPE_BYTE_INDEXED), "bmp", new File(stem + ".8.bmp"));
      ImageIO.write(copy(src, BufferedImage.TYPE_BYTE_BINARY), "bmp", new File(stem + ".1.bmp"));
      ImageIO.write(copy(src, BufferedImage.TYPE_USHORT_565_RGB), "bmp", new File(stem + ".565.bmp"));
    }
  }

  static BufferedImage copy(BufferedImage src, int type) {
    BufferedImage dst = new BufferedImage(src.getWidth(), src.getHeight(), type);
    dst.getGraphics().drawImage(src, 0, 0, null);
    return dst;
  }

  static void progressive(BufferedImage img, File to) throws Exception {
    ImageWriter w = ImageIO.getImageWritersByFormatName("jpg").next();
    ImageWriteParam p = w.getDefaultWriteParam();
    p.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    try (var out = ImageIO.createImageOutputStream(to)) {
      w.setOutput(out);
      w.write(null, new IIOImage(img, null, null), p);
    }
    w.dispose();
  }
}
