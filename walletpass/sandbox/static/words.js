// What the phones themselves say, in the languages they can be switched to.
const english = {
  add: "Add", cancel: "Cancel", close: "Close", wallet: "Wallet", done: "Done", now: "now", details: "Details",
  cannot: "This pass cannot be opened", cannotSave: "This card cannot be saved", replaces: "This replaces the card in your Wallet.",
  update: "Update now", remove: "Remove pass", removeCard: "Remove", connected: "Updates itself", alone: "Not registered for updates",
  back: "Back", messages: "Messages", noMessages: "No messages yet.", everybody: "All numbers", mail: "E-mail", information: "About this card", links: "Links", view: "View message", past: "Expired passes",
  completed: "Used", inactive: "No longer valid", expired: "Expired",
  empty: "No cards yet. Open the restaurant's page in the browser and add one.", start: "Places nearby", nowhere: "Type an address below.",
};
const ukrainian = {
  add: "Додати", cancel: "Скасувати", close: "Закрити", wallet: "Гаманець", done: "Готово", now: "зараз", details: "Докладніше",
  cannot: "Цю картку не можна відкрити", cannotSave: "Цю картку не можна зберегти", replaces: "Замінить картку у вашому Гаманці.",
  update: "Оновити зараз", remove: "Видалити картку", removeCard: "Видалити", connected: "Оновлюється сама", alone: "Не зареєстрована для оновлень",
  back: "Назад", messages: "Повідомлення", noMessages: "Повідомлень ще немає.", everybody: "Усі номери", mail: "Пошта", information: "Про цю картку", links: "Посилання", view: "Переглянути", past: "Минулі картки",
  completed: "Використано", inactive: "Більше не дійсна", expired: "Строк минув",
  empty: "Карток ще немає. Відкрийте сторінку ресторану в браузері та додайте картку.", start: "Місця поруч", nowhere: "Введіть адресу внизу.",
};
const russian = {
  add: "Добавить", cancel: "Отмена", close: "Закрыть", wallet: "Кошелёк", done: "Готово", now: "сейчас", details: "Подробнее",
  cannot: "Эту карту нельзя открыть", cannotSave: "Эту карту нельзя сохранить", replaces: "Заменит карту в вашем Кошельке.",
  update: "Обновить сейчас", remove: "Удалить карту", removeCard: "Удалить", connected: "Обновляется сама", alone: "Не зарегистрирована для обновлений",
  back: "Назад", messages: "Сообщения", noMessages: "Сообщений пока нет.", everybody: "Все номера", mail: "Почта", information: "Об этой карте", links: "Ссылки", view: "Посмотреть", past: "Прошлые карты",
  completed: "Использовано", inactive: "Больше не действует", expired: "Срок истёк",
  empty: "Карт ещё нет. Откройте страницу ресторана в браузере и добавьте карту.", start: "Места рядом", nowhere: "Введите адрес внизу.",
};
export const words = { en: english, uk: ukrainian, ru: russian };
