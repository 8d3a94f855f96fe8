/// A data set that is downloaded from where its authors, or those who care for it, have put it.
public enum PublishedDataset: String, CaseIterable, Sendable {
  /// The two archives of Omniglot's authors, and the lists of Vinyals' split from the authors of prototypical networks.
  case omniglot
  /// MNIST's four files, from the mirror that PyTorch's authors keep.
  case mnist
  /// Fashion-MNIST's four files, from its authors.
  case fashionMNIST = "fashion-mnist"
  /// CIFAR-100's archive in binary form, from its author, for CIFAR-FS and FC100 are splits of its classes.
  case cifarFS = "cifar-fs"
  /// The same archive.
  case fc100

  /// Its files, as `Omniglot.load`, `MNIST.load` and `CIFAR100.load` look for them in a folder.
  ///
  /// The checksums are those that are published with them (Fashion-MNIST, CIFAR-100), and where there are none, those that
  /// torchvision compares with (Omniglot, MNIST); those of the lists are of the revision that is named in the address.
  public var files: [PublishedFile] {
    switch self {
    case .omniglot:
      let authors = "https://github.com/brendenlake/omniglot/raw/master/python"
      let lists =
        "https://raw.githubusercontent.com/jakesnell/prototypical-networks/c9bb4d258267c11cb6e23f0a19242d24ca98ad8a"
        + "/data/omniglot/splits/vinyals"
      func list(_ name: String, _ digits: String) -> PublishedFile {
        PublishedFile("splits_vinyals/\(name)", at: "\(lists)/\(name)", .sha256(digits))
      }
      return [
        PublishedFile("images_background.zip", in: authors, .md5("68d2efa1b9178cc56df9314c21c6e718")),
        PublishedFile("images_evaluation.zip", in: authors, .md5("6b91aef0f799c5bb55b94e3f2daec811")),
        list("train.txt", "984522c194c30fb678ce53304a160a42faf5403ad4f9a67010f32dd3a35738e0"),
        list("val.txt", "11f99e54faee3e26f53d3231c1cceac5bf7b8730e9be31cb6dab256551dc0c1a"),
        list("trainval.txt", "5276ae50c755596d0bff7f2284e85625695549a85ee6e36b6491ad1e5d1cc26a"),
        list("test.txt", "845264cc5c156180828ccf17915668b17ee21424d0170df6e7d81676aa5d1204"),
      ]
    case .mnist:
      return Self.digits(
        in: "https://ossci-datasets.s3.amazonaws.com/mnist",
        [
          "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432", "9fb629c4189551a2d022fa330f9573f3",
          "ec29112dd5afa0611ce80d1b7f02629c",
        ])
    case .fashionMNIST:
      return Self.digits(
        in: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        [
          "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe", "bef4ecab320f06d8554ea6380940ec79",
          "bb300cfdad3c16e7a12a480ee83cd310",
        ])
    case .cifarFS, .fc100:
      return [
        PublishedFile(
          "cifar-100-binary.tar.gz", in: "https://www.cs.toronto.edu/~kriz", .md5("03b5dce01913d631647c71ecec9e9cb8"))
      ]
    }
  }

  /// The four files of MNIST and of what is like it.
  private static func digits(in base: String, _ checksums: [String]) -> [PublishedFile] {
    let names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
    return zip(names, checksums).map { PublishedFile("\($0)-ubyte.gz", in: base, .md5($1)) }
  }
}
