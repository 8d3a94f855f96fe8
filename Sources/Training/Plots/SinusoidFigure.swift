/// Regression tasks in a grid: the truth, the support points and predictions before and after adaptation.
public struct SinusoidFigure: Picture, Equatable {
  /// A prediction over the places of its task, such as that "after 1 step".
  public struct Prediction: Sendable, Equatable {
    let label: String
    let y: [Double]

    /// A prediction with a value for every place of its task.
    public init(_ label: String, y: [Double]) {
      self.label = label
      self.y = y
    }
  }

  /// One task: one panel.
  public struct Task: Sendable, Equatable {
    let title: String
    let x: [Double]
    let truth: [Double]
    let supportX: [Double]
    let supportY: [Double]
    let predictions: [Prediction]

    /// A task; truth and predictions have a value for every `x`.
    public init(
      _ title: String = "", x: [Double], truth: [Double], supportX: [Double], supportY: [Double],
      predictions: [Prediction]
    ) {
      self.title = title
      self.x = x
      self.truth = truth
      self.supportX = supportX
      self.supportY = supportY
      self.predictions = predictions
    }
  }

  let title: String
  let subtitle: String
  let tasks: [Task]
  let columns: Int

  /// A grid of tasks with one legend and the same axes for all.
  public init(title: String, subtitle: String = "", tasks: [Task], columns: Int = 2) {
    self.title = title
    self.subtitle = subtitle
    self.tasks = tasks
    self.columns = max(1, min(columns, tasks.count))
  }

  /// The drawing.
  public var canvas: Canvas { figure.canvas }

  /// The figure that is drawn.
  public var figure: Figure {
    // The same reach everywhere lets the eye compare amplitudes between tasks.
    let all = PlotPanel(x: PlotAxis(""), y: PlotAxis(""), series: tasks.flatMap(series))
    let panels = tasks.enumerated().map { index, task in
      let lowest = index + columns >= tasks.count
      return PlotPanel(
        task.title, x: PlotAxis(lowest ? "x" : "", range: all.reachX),
        y: PlotAxis(index % columns == 0 ? "y" : "", range: all.reachY), series: series(task))
    }
    return Figure(
      title: title, subtitle: subtitle, panels: panels, columns: columns, plotHeight: columns > 2 ? 160 : 200,
      legend: .shared)
  }

  private func series(_ task: Task) -> [PlotSeries] {
    // The prediction before adaptation comes first and steps back behind those after it.
    let colors: [PlotColor] = [.sky, .blue, .purple, .teal, .orange]
    let predictions = task.predictions.enumerated().map { index, prediction in
      PlotSeries(
        prediction.label, x: task.x, y: prediction.y, style: index == 0 ? .dashed : .line,
        color: index == 0 ? .label : colors[(index - 1) % colors.count])
    }
    // A wide pale truth stays visible under a prediction that follows it.
    return [PlotSeries("truth", x: task.x, y: task.truth, color: PlotColor(0xC9CED5), width: 6)] + predictions + [
      PlotSeries("support points", x: task.supportX, y: task.supportY, style: .points, color: .vermilion, width: 2.5)
    ]
  }
}
